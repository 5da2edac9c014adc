//! Looks at a process that never was.

use proptest::prelude::*;
use snapshot::{
    Architecture, Census, Cohort, Cost, Frame, GoroutineId, Individual, LayoutSource, StackId, StackState,
    StackTrace, Status, Tables, Target, WaitingSince,
};

/// What all looks have in common.
pub(crate) struct World {
    target: Target,
    tables: Tables,
    cohorts: Vec<Cohort>,
}

/// One look.
#[derive(Debug, Clone)]
pub(crate) struct Look {
    pub(crate) individuals: Vec<Individual>,
    at_ms: u64,
    generation: u64,
}

const FUNCTIONS: [&str; 4] =
    ["main.main", "main.worker", "net/http.(*conn).serve", "<img onerror=alert(1)>.f"];

impl World {
    pub(crate) fn new() -> World {
        let mut tables = Tables::default();
        let reason = tables.strings.intern("chan receive".into());
        let cohort = |(index, function): (usize, &&str)| {
            let function = tables.strings.intern((*function).into());
            let frame = tables.frames.intern(Frame { function, line: 7, ..Frame::default() });
            let frames = std::iter::repeat_n(frame, index).collect();
            let stack = tables.stacks.intern(StackTrace { frames, complete: true });
            let waits = index % 2 == 1;
            Cohort {
                status: if waits { Status::Waiting } else { Status::Runnable },
                wait_reason: waits.then_some(reason),
                stack,
                stack_state: StackState::Saved,
                labels: Default::default(),
                created_by: Some(frame),
                entry: None,
                is_runtime: false,
                locked_to_thread: false,
            }
        };
        let cohorts = FUNCTIONS.iter().enumerate().map(cohort).collect();
        let target = Target {
            pid: 1,
            name: String::new(),
            executable: String::new(),
            architecture: Architecture::Amd64,
            go_version: String::new(),
            module: None,
            module_version: None,
            stripped: false,
            layout: LayoutSource::Dwarf,
        };
        World { target, tables, cohorts }
    }

    pub(crate) fn census(&self, look: &Look) -> Census<'_> {
        Census {
            target: &self.target,
            taken_at_unix_ms: look.at_ms,
            taken_at_monotonic_ns: look.at_ms * 1_000_000,
            cohorts: self.cohorts.iter().map(|cohort| (*cohort, 1)).collect(),
            scheduler: None,
            memory: None,
            tables: &self.tables,
            generation: look.generation,
            cost: Cost::default(),
            gaps: Vec::new(),
        }
    }

    /// Status, reason and functions of a cohort.
    pub(crate) fn words(&self, cohort: u32) -> (&str, Option<&str>, Vec<&str>) {
        let cohort = &self.cohorts[cohort as usize];
        let names = |stack: StackId| {
            let frames = self.tables.shown_frames(stack);
            frames.into_iter().map(|frame| self.tables.text(frame.function)).collect()
        };
        (cohort.status.name(), cohort.wait_reason.map(|id| self.tables.text(id)), names(cohort.stack))
    }
}

impl Look {
    /// Goroutines by place, id and cohort.
    pub(crate) fn of(goroutines: &[(u32, u64, u32)]) -> Look {
        let individual = |&(place, id, cohort): &(u32, u64, u32)| Individual {
            place,
            id: GoroutineId(id),
            cohort,
            p: None,
            waiting_since: Some(WaitingSince::ObservedMs(5)),
        };
        Look { individuals: goroutines.iter().map(individual).collect(), at_ms: 1_000_000, generation: 0 }
    }

    /// The same, so many milliseconds later.
    pub(crate) fn later(&mut self, ms: u64) {
        self.at_ms += ms;
        for individual in &mut self.individuals {
            individual.waiting_since =
                individual.waiting_since.map(|since| WaitingSince::ObservedMs(since.ms() + ms));
        }
    }
}

/// Some looks in a row.
pub(crate) fn looks() -> impl Strategy<Value = Vec<Look>> {
    let since = prop_oneof![
        Just(None),
        (0_u64..500_000).prop_map(|ms| Some(WaitingSince::AtLeastMs(ms))),
        (0_u64..500_000).prop_map(|ms| Some(WaitingSince::ObservedMs(ms))),
    ];
    let p = prop::option::of(0_i32..64);
    let individual = (0_u64..1 << 50, 0_u32..4, p, since).prop_map(|(id, cohort, p, waiting_since)| {
        Individual { place: 0, id: GoroutineId(id), cohort, p, waiting_since }
    });
    let individuals = prop::collection::btree_map(0_u32..600, individual, 0..400).prop_map(|all| {
        all.into_iter().map(|(place, individual)| Individual { place, ..individual }).collect::<Vec<_>>()
    });
    let look = (individuals, 600_000_u64..10_000_000, 0_u64..8)
        .prop_map(|(individuals, at_ms, generation)| Look { individuals, at_ms, generation: generation / 7 });
    prop::collection::vec(look, 1..8)
}
