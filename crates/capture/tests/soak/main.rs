//! Truth under load: a session that watches storms of goroutines, compared with what the program says of itself.
//!
//! Storms of 50,000 goroutines in some tens of seconds, as part of the tests; or, with `GOSTAT_SOAK_MINUTES` set
//! (`make soak`), storms of a million for so long. It is one test, since it measures the memory of its process.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]
#![expect(
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test ends where something is not as it must be"
)]

mod legal;
mod own;
mod storm;
mod watch;

use std::time::{Duration, Instant};

use capture::{CaptureError, Options};
use target_programs::{Build, GoRelease, Program, Variant, releases};

use own::Own;
use storm::Storm;
use watch::{ROTATION, Watch};

/// How long and how hard.
struct Plan {
    goroutines: u64,
    lasts: Duration,
    releases: Vec<GoRelease>,
}

/// Storms that there are at least, however short the time: memory is compared between the first and the last.
const STORMS_MIN: u32 = 3;

impl Plan {
    /// As the environment says.
    fn wanted() -> Plan {
        let number = |name| std::env::var(name).ok().map(|value| value.parse::<u64>().unwrap());
        let minutes = number("GOSTAT_SOAK_MINUTES");
        let goroutines = number("GOSTAT_SOAK_GOROUTINES");
        let releases = releases().unwrap();
        let (oldest, newest) = (*releases.first().unwrap(), *releases.last().unwrap());
        Plan {
            goroutines: goroutines.unwrap_or(if minutes.is_some() { 1_000_000 } else { 50_000 }),
            lasts: Duration::from_secs(60 * minutes.unwrap_or_default()),
            releases: if minutes.is_some() || oldest == newest { vec![newest] } else { vec![oldest, newest] },
        }
    }
}

#[test]
fn a_session_is_right_under_load() {
    let plan = Plan::wanted();
    for release in &plan.releases {
        let build = Build::amd64(Program::Storm, *release, Variant::Plain);
        let Some(built) = build.build_or_skip().unwrap() else { continue };
        let files = Own::now().files;
        let began = Instant::now();
        let storm = Storm::start(&built, plan.goroutines);
        let mut watch = Watch::new(&storm);
        let mut own = Vec::new();
        let mut storms = 0;
        while storms < STORMS_MIN || began.elapsed() < plan.lasts {
            storms += 1;
            watch.watch("storm", ROTATION);
            // A GC has seen all of them wait, which tells who no longer does. For those that turn once more, all that
            // could tell is a trackingSeq that comes round: their turn in the rotation has to.
            watch.watch("turn", 1);
            watch.watch("turn", ROTATION);
            let now = Own::now();
            println!("{build}: storm {storms} after {:.0?}: {now}", began.elapsed());
            own.push(now);
            println!("{}", watch.tally);
            if storms % 2 == 0 {
                watch.watch("ebb", ROTATION);
            }
        }
        // Storms differ: it takes some until the largest of each kind of table has been needed.
        let (half, last) = (own.get(own.len() / 2).unwrap(), Own::now());
        println!("{build}: {storms} storms in {:.0?}", began.elapsed());
        println!("{}\nafter half of them {half}, at last {last}", watch.tally);
        // What the allocator leaves lying after the largest snapshot is no leak: that would grow with the next storm, too.
        if !last.is_flat_since(half) {
            watch.watch("storm", ROTATION);
            let later = Own::now();
            println!("{build}: after one more {later}");
            assert!(later.is_flat_since(&last), "{build}: {half}, then {last}, then {later}");
        }

        storm.ask("doom");
        let end = watch.until_the_end();
        println!("{build}: ended with: {end}");
        assert!(is_end(&end), "{build}: {end}");
        let Watch { mut session, .. } = watch;
        storm.end();
        for _ in 0..2 {
            assert!(matches!(session.census(&Options::default()), Err(CaptureError::Exited { .. })));
            assert!(matches!(session.snapshot(&Options::default()), Err(CaptureError::Exited { .. })));
        }
        drop(session);
        assert_eq!(Own::now().files, files, "{build}: files are left open");
    }
}

fn is_end(error: &CaptureError) -> bool {
    matches!(error, CaptureError::Exited { .. } | CaptureError::Ending { .. })
}
