//! When to look again: at fixed times, until a count is reached or somebody interrupts.

use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// A series of times, the first of them now.
#[derive(Debug)]
pub(crate) struct Ticks {
    interval: Duration,
    left: Option<u64>,
    due: Instant,
    begun: bool,
    interrupted: Receiver<()>,
}

impl Ticks {
    /// Ticks every `interval`, `count` times or until SIGINT, SIGTERM or SIGHUP.
    pub(crate) fn new(interval: Duration, count: Option<u64>) -> io::Result<Ticks> {
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
        Ok(Ticks::until(interval, count, interrupted))
    }

    fn until(interval: Duration, count: Option<u64>, interrupted: Receiver<()>) -> Ticks {
        Ticks { interval, left: count, due: Instant::now(), begun: false, interrupted }
    }

    /// Waits for the next time; `false` when it is over. Times that have passed while the caller was busy
    /// are left out rather than made up for: the spacing stays.
    pub(crate) fn wait(&mut self) -> bool {
        match &mut self.left {
            Some(0) => return false,
            Some(left) => *left -= 1,
            None => {}
        }
        if !std::mem::replace(&mut self.begun, true) {
            return true;
        }
        let now = Instant::now();
        self.due += self.interval;
        if self.due < now {
            let missed = (now - self.due).as_nanos() / self.interval.as_nanos().max(1) + 1;
            self.due += self.interval.saturating_mul(u32::try_from(missed).unwrap_or(u32::MAX));
        }
        match self.interrupted.recv_timeout(self.due.saturating_duration_since(now)) {
            Ok(()) => false,
            Err(RecvTimeoutError::Timeout) => true,
            // The thread that listens cannot be started twice: without it, waiting still works.
            Err(RecvTimeoutError::Disconnected) => {
                thread::sleep(self.due.saturating_duration_since(Instant::now()));
                true
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_tick_is_now_and_the_others_are_spaced() {
        let (_keep, interrupted) = channel();
        let mut ticks = Ticks::until(Duration::from_millis(20), Some(3), interrupted);
        let start = Instant::now();
        assert!(ticks.wait());
        assert!(ticks.wait());
        assert!(ticks.wait());
        assert!(start.elapsed() >= Duration::from_millis(40));
        assert!(!ticks.wait());
    }

    #[test]
    fn an_interruption_ends_the_wait() {
        let (send, interrupted) = channel();
        let mut ticks = Ticks::until(Duration::from_secs(3600), None, interrupted);
        assert!(ticks.wait());
        send.send(()).unwrap();
        assert!(!ticks.wait());
    }

    #[test]
    fn missed_times_are_left_out() {
        let (_keep, interrupted) = channel();
        let mut ticks = Ticks::until(Duration::from_millis(10), None, interrupted);
        let start = ticks.due;
        assert!(ticks.wait());
        while start.elapsed() < Duration::from_millis(35) {
            std::hint::spin_loop();
        }
        assert!(ticks.wait());
        let on_grid = (ticks.due - start).as_nanos() % Duration::from_millis(10).as_nanos();
        assert_eq!(on_grid, 0);
        assert!(ticks.due - start >= Duration::from_millis(40));
    }
}
