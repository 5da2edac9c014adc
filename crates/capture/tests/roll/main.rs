//! A census with every single goroutine says of each what a snapshot says, and who is queued at which P.

#![forbid(unsafe_code)]
use std::collections::BTreeMap;

use capture::{Options, Session};
use snapshot::Status;
use target_programs::{Build, Program, Running, Variant, releases};

#[test]
fn every_goroutine_is_as_in_a_snapshot() {
    for release in releases().unwrap() {
        let built = Build::amd64(Program::States, release, Variant::Plain).build().unwrap();
        let states = Running::start(&built, &[]).unwrap();
        let mut session = Session::attach(states.pid()).unwrap();
        let wanted = Options { running: false, wait_objects: false, ..Options::default() };
        let snapshot = session.snapshot(&wanted).unwrap();
        let (census, individuals) = session.roll(&wanted).unwrap();
        assert!(individuals.is_sorted_by(|a, b| a.place < b.place));
        let in_snapshot = snapshot.goroutines.iter().map(|goroutine| {
            let place = snapshot.frames(goroutine).next().copied();
            (goroutine.id, goroutine.status, place, goroutine.is_runtime)
        });
        let in_roll = individuals.iter().map(|individual| {
            let cohort = census.cohorts[individual.cohort as usize].0;
            let place = census.tables.frames_of(cohort.stack).next().copied();
            (individual.id, cohort.status, place, cohort.is_runtime)
        });
        assert_eq!(in_roll.collect::<Vec<_>>(), in_snapshot.collect::<Vec<_>>(), "{release}");
        let mut members: BTreeMap<u32, u64> = BTreeMap::new();
        individuals.iter().for_each(|individual| *members.entry(individual.cohort).or_default() += 1);
        let counted = (0..).zip(&census.cohorts).map(|(index, (_, count))| (index, *count));
        assert_eq!(members, counted.collect(), "{release}");
    }
}

#[test]
fn who_is_queued_is_known_by_its_p() {
    for release in releases().unwrap() {
        let built = Build::amd64(Program::NeverRan, release, Variant::Plain).build().unwrap();
        let program = Running::start(&built, &[]).unwrap();
        let mut session = Session::attach(program.pid()).unwrap();
        let (census, individuals) = session.roll(&Options::COUNTS).unwrap();
        let mut queued: BTreeMap<i32, u64> = BTreeMap::new();
        for individual in &individuals {
            let runnable = census.cohorts[individual.cohort as usize].0.status == Status::Runnable;
            if let Some(p) = individual.p.filter(|_| runnable) {
                *queued.entry(p).or_default() += 1;
            }
        }
        let processors = &census.scheduler.as_ref().unwrap().processors;
        let said = processors.iter().map(|p| (p.id, u64::from(p.run_queue) + u64::from(p.run_next)));
        assert_eq!(queued, said.filter(|(_, count)| *count > 0).collect(), "{release}");
        assert!(!queued.is_empty(), "{release}");
    }
}
