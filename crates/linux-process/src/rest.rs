//! Whether a process has done nothing at all for a while, as the kernel counts it.

use crate::parse::{ParseError, decimal, value_of};
use crate::process::Process;

/// All threads of a process, asleep, with what the kernel has counted of each so far. Two of them that are equal, taken
/// one after the other, say that no thread of the process has executed anything in between: a thread that wakes and
/// goes to sleep again has been switched off a processor once more, and a thread can only be made by one that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rest {
    threads: Vec<(u32, Switches)>,
}

/// How often a thread has been switched off a processor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Switches {
    /// As it had nothing to do.
    voluntary: u64,
    /// As somebody else was to run. A thread that is switched off on its way into sleep counts here, and looks asleep.
    involuntary: u64,
}

impl Rest {
    /// Looks at all threads. `None` if one of them is not asleep, or something cannot be read. Allowed to everybody;
    /// a few microseconds a thread.
    pub fn of(process: &Process) -> Option<Rest> {
        let threads = process.thread_ids().ok()?.into_iter().map(|tid| {
            let text = process.thread_status_text(tid).ok()?;
            Some((tid, parse_asleep(&text).ok()??))
        });
        let threads: Vec<_> = threads.collect::<Option<_>>()?;
        (!threads.is_empty()).then_some(Rest { threads })
    }
}

/// Parses `/proc/PID/task/TID/status` (`fs/proc/array.c`). `None` if the thread is not asleep. The state comes first:
/// the counts are not older.
fn parse_asleep(text: &[u8]) -> Result<Option<Switches>, ParseError> {
    let line = |field: &'static str| value_of(text, field).ok_or(ParseError::Missing { field });
    // Sleeping, waiting for a disk, stopped, traced; a thread that has ended runs no more either.
    if !matches!(line("State")?.first(), Some(b'S' | b'D' | b'T' | b't' | b'Z' | b'X')) {
        return Ok(None);
    }
    let count = |field| decimal(line(field)?).ok_or(ParseError::NotANumber { field });
    Ok(Some(Switches {
        voluntary: count("voluntary_ctxt_switches")?,
        involuntary: count("nonvoluntary_ctxt_switches")?,
    }))
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;
    use crate::table::ProcessTable;

    #[test]
    fn asleep_running_and_cut_short() {
        let text = |state: &str| {
            format!("State:\t{state}\nvoluntary_ctxt_switches:\t7\nnonvoluntary_ctxt_switches:\t2\n")
        };
        let switches = Switches { voluntary: 7, involuntary: 2 };
        for asleep in ["S (sleeping)", "D (disk sleep)", "T (stopped)", "t (tracing stop)"] {
            assert_eq!(parse_asleep(text(asleep).as_bytes()), Ok(Some(switches)));
        }
        assert_eq!(parse_asleep(text("R (running)").as_bytes()), Ok(None));
        let cut = &text("S (sleeping)")[..60];
        assert!(parse_asleep(cut.as_bytes()).is_err());
    }

    #[test]
    fn who_has_run_has_other_counts() {
        let mut reader = Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let process = ProcessTable::default().open(reader.id()).unwrap();
        let rest = || std::iter::repeat_with(|| Rest::of(&process)).flatten().next().unwrap();
        let (mut input, mut output) = (reader.stdin.take().unwrap(), reader.stdout.take().unwrap());
        let mut ask = || {
            use std::io::{Read, Write};
            input.write_all(b"x").unwrap();
            output.read_exact(&mut [0]).unwrap();
        };
        // It has reached its loop.
        ask();
        let mut before = rest();
        for _ in 0..20 {
            ask();
            let after = rest();
            assert_ne!(before, after);
            before = after;
        }
        drop(input);
        assert!(reader.wait().unwrap().success());
        assert_eq!(Rest::of(&process), None);
    }

    #[test]
    fn who_runs_is_not_at_rest() {
        let ourselves = ProcessTable::default().open(std::process::id()).unwrap();
        assert_eq!(Rest::of(&ourselves), None);
    }
}
