//! Rates of goroutines, compared with what the program counted itself.

use capture::{Options, Session};
use report::StatTick;
use snapshot::Snapshot;
use target_programs::{Built, Program, Running};

use crate::gostat::for_each;

/// Snapshots while the program is busy.
const TICKS: usize = 40;

/// Goroutines created and ended, added up over ticks.
#[derive(Debug, Default)]
struct Sums {
    created: u64,
    ended: u64,
    exact: bool,
}

/// The counts that rates were made from.
fn sums(snapshots: &[Snapshot]) -> Sums {
    let mut sums = Sums { exact: true, ..Sums::default() };
    let mut before = StatTick::new(None, &snapshots[0].census(&snapshots[0].goroutines));
    for pair in snapshots.windows(2) {
        let tick = StatTick::new(Some(&before), &pair[1].census(&pair[1].goroutines));
        #[expect(clippy::cast_possible_truncation, reason = "a count of some thousands")]
        let count = |per_s: Option<f64>, ns: u64| (per_s.unwrap() * ns as f64 / 1e9).round() as u64;
        let ns = pair[1].taken_at_monotonic_ns - pair[0].taken_at_monotonic_ns;
        sums.created += count(tick.created_per_s, ns);
        sums.ended += count(tick.ended_per_s, ns);
        sums.exact &= tick.rates_exact;
        before = tick;
    }
    sums
}

fn of_runtime(snapshot: &Snapshot) -> u64 {
    snapshot.goroutines.iter().filter(|goroutine| goroutine.is_runtime).count() as u64
}

/// Snapshots of a program at rest, while it is busy, and at rest again; and how many goroutines it started.
fn follow(built: &Built) -> (Vec<Snapshot>, u64) {
    let mut running = Running::start(built, &[]).unwrap();
    let mut session = Session::attach(running.pid()).unwrap();
    let mut look = || session.snapshot(&Options::COUNTS).unwrap();
    let mut snapshots = vec![look()];
    running.ask("begin").unwrap();
    snapshots.extend((0..TICKS).map(|_| look()));
    let started = running.ask_text("settle").unwrap().parse().unwrap();
    snapshots.push(look());
    (snapshots, started)
}

#[test]
fn what_rates_add_up_to_is_what_the_program_counted() {
    for_each(&[Program::Bursts], |build, built| {
        let (snapshots, started) = follow(built);
        let (first, last) = (&snapshots[0], &snapshots[snapshots.len() - 1]);
        let sums = sums(&snapshots);
        println!("{build}: started {started}, {sums:?}");
        assert!(started > 1000, "{build}: {started}");
        assert_eq!(sums.exact, build.release.minor >= 26, "{build}");
        // The runtime starts some of its own when there is need; none of them ends.
        let own = of_runtime(last) - of_runtime(first);
        assert_eq!(last.goroutines.len() as u64 - own, first.goroutines.len() as u64, "{build}: it rests");
        // Each P holds back at most 15 of the ids that it took.
        let processors = snapshots[0].scheduler.as_ref().unwrap().processors.len() as u64;
        let bound = if sums.exact { 0 } else { 15 * processors };
        assert!(
            sums.created.abs_diff(started + own) <= bound,
            "{build}: {sums:?}, started {started} + {own}"
        );
        assert!(sums.ended.abs_diff(started) <= bound, "{build}: {sums:?}, ended {started}");
    });
}
