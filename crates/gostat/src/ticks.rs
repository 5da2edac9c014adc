//! Waiting for the next tick, until a count is reached or somebody interrupts. When it is due, `capture` knows.

use std::io::{self, IsTerminal};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use capture::{Pace, monotonic_ns};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// A series of times, the first of them now.
#[derive(Debug)]
pub(crate) struct Ticks {
    left: Option<u64>,
    interrupted: Receiver<()>,
}

/// On a terminal the heading comes again before it has scrolled away.
const LINES_PER_HEADING: u64 = 20;

/// After how many lines a heading comes again; 0 for never.
pub(crate) fn heading_every() -> u64 {
    if io::stdout().is_terminal() { LINES_PER_HEADING } else { 0 }
}

impl Ticks {
    /// Ticks `count` times or until SIGINT, SIGTERM or SIGHUP.
    pub(crate) fn new(count: Option<u64>) -> io::Result<Ticks> {
        let (send, interrupted) = channel();
        let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])?;
        thread::Builder::new().name("signals".into()).spawn(move || {
            for _ in signals.forever() {
                // The second one finds nobody who waits: then the program is on its way out.
                if send.send(()).is_err() {
                    return;
                }
            }
        })?;
        Ok(Ticks { left: count, interrupted })
    }

    /// Waits until the next tick is due by `pace`, which the caller tells when the tick began; without one it is
    /// due now. `false` when it is over.
    pub(crate) fn wait(&mut self, pace: Option<&Pace>) -> bool {
        match &mut self.left {
            Some(0) => return false,
            Some(left) => *left -= 1,
            None => {}
        }
        let now = monotonic_ns();
        let due = pace.map_or(now, |pace| pace.due_ns(now));
        self.wait_until(due)
    }

    /// Waits until a time of the monotonic clock; `false` if it was interrupted.
    pub(crate) fn wait_until(&self, due_ns: u64) -> bool {
        loop {
            let left = Duration::from_nanos(due_ns.saturating_sub(monotonic_ns()));
            if left.is_zero() {
                return true;
            }
            match self.interrupted.recv_timeout(left) {
                Ok(()) => return false,
                // Perhaps it was early: the clock has the last word.
                Err(RecvTimeoutError::Timeout) => {}
                // The thread that listens cannot be started twice: without it, waiting still works.
                Err(RecvTimeoutError::Disconnected) => thread::sleep(left),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERVAL_NS: u64 = 20_000_000;

    fn every_20_ms() -> Pace {
        Pace::new(Duration::from_nanos(INTERVAL_NS)).unwrap()
    }

    #[test]
    fn the_first_tick_is_now_and_the_others_are_not_before_their_windows() {
        let (_keep, interrupted) = channel();
        let mut ticks = Ticks { left: Some(3), interrupted };
        let mut pace = every_20_ms();
        assert!(ticks.wait(Some(&pace)));
        let first = pace.began(monotonic_ns());
        for number in 1..=2 {
            assert!(ticks.wait(Some(&pace)));
            assert!(pace.began(monotonic_ns()).window >= first.window + number);
        }
        assert!(!ticks.wait(Some(&pace)));
    }

    #[test]
    fn without_a_pace_nothing_is_waited_for() {
        let (_keep, interrupted) = channel();
        let mut ticks = Ticks { left: Some(1), interrupted };
        assert_eq!((ticks.wait(None), ticks.wait(None)), (true, false));
    }

    #[test]
    fn an_interruption_ends_the_wait() {
        let (send, interrupted) = channel();
        let mut ticks = Ticks { left: None, interrupted };
        let mut pace = Pace::new(Duration::from_secs(1 << 30)).unwrap();
        assert!(ticks.wait(Some(&pace)));
        pace.began(monotonic_ns());
        send.send(()).unwrap();
        assert!(!ticks.wait(Some(&pace)));
    }

    #[test]
    fn with_nobody_who_could_interrupt_it_waits_all_the_same() {
        let (send, interrupted) = channel();
        drop(send);
        let ticks = Ticks { left: None, interrupted };
        let due = monotonic_ns() + INTERVAL_NS;
        assert!(ticks.wait_until(due));
        assert!(monotonic_ns() >= due);
    }
}
