//! Ctrl-Z is ignored while a target stands still: stopped ourselves, we could not keep the deadline.

use std::sync::{Mutex, PoisonError};

use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};

/// What the terminal stops programs with: Ctrl-Z, and reading or writing in the background.
const STOPS: [Signal; 3] = [Signal::SIGTSTP, Signal::SIGTTIN, Signal::SIGTTOU];

/// How many of these there are, and what was done on the signals before the first.
static BEFORE: Mutex<(usize, Vec<(Signal, SigAction)>)> = Mutex::new((0, Vec::new()));

/// While one of these lives, the terminal cannot stop this process. A Ctrl-Z in that time is lost.
pub(super) struct TerminalStopsIgnored;

impl TerminalStopsIgnored {
    pub(super) fn new() -> Self {
        let mut before = BEFORE.lock().unwrap_or_else(PoisonError::into_inner);
        if before.0 == 0 {
            let ignore = SigAction::new(SigHandler::SigIgn, SaFlags::empty(), SigSet::empty());
            let was = STOPS.iter().filter_map(|&signal| Some((signal, replace(signal, &ignore)?))).collect();
            before.1 = was;
        }
        before.0 += 1;
        TerminalStopsIgnored
    }
}

impl Drop for TerminalStopsIgnored {
    fn drop(&mut self) {
        let mut before = BEFORE.lock().unwrap_or_else(PoisonError::into_inner);
        before.0 = before.0.saturating_sub(1);
        if before.0 == 0 {
            for (signal, action) in std::mem::take(&mut before.1) {
                replace(signal, &action);
            }
        }
    }
}

/// Sets what is done on a signal; what was done before.
fn replace(signal: Signal, action: &SigAction) -> Option<SigAction> {
    // SAFETY: the action is to ignore the signal, or the one that this process had for it before: no handler becomes
    // installed that was not one already.
    unsafe { sigaction(signal, action) }.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_before_comes_back_after_the_last() {
        let ignored = || {
            let status = std::fs::read_to_string("/proc/self/status").unwrap();
            let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap();
            u64::from_str_radix(mask.trim(), 16).unwrap() & 1 << (Signal::SIGTSTP as u32 - 1) != 0
        };
        assert!(!ignored());
        let first = TerminalStopsIgnored::new();
        let second = TerminalStopsIgnored::new();
        drop(first);
        assert!(ignored());
        drop(second);
        assert!(!ignored());
    }
}
