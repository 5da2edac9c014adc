//! `/proc/PID/stat`: name, state, threads and start time in one cheap read.

use crate::parse::{ParseError, decimal, fields};

/// The flag in `stat` that marks kernel threads: `PF_KTHREAD` of `include/linux/sched.h`.
const KERNEL_THREAD_FLAG: u64 = 0x0020_0000;

/// What `/proc/PID/stat` says, as far as it is needed here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stat {
    /// Process id (or thread id, for a thread's own file).
    pub pid: u32,
    /// The kernel's short name for it (`comm`, at most 15 bytes; 63 for kernel threads). Any bytes are
    /// possible in it, line breaks and parentheses too; those that are not UTF-8 are replaced.
    pub name: String,
    /// What the (main) thread is doing.
    pub state: State,
    /// Pid of the parent; 0 if it has none in our pid namespace.
    pub parent_pid: u32,
    /// Whether it is a thread of the kernel, without memory of its own.
    pub kernel_thread: bool,
    /// Time on a processor, in user mode and in the kernel, in clock ticks (mostly 10 ms).
    pub cpu_ticks: u64,
    /// Number of threads.
    pub threads: u32,
    /// When it started, in clock ticks since boot.
    pub start_ticks: u64,
}

impl Stat {
    /// Time on a processor, nanoseconds, as exact as clock ticks are.
    pub fn cpu_ns(&self) -> u64 {
        let ns = u128::from(self.cpu_ticks) * 1_000_000_000 / u128::from(procfs::ticks_per_second().max(1));
        u64::try_from(ns).unwrap_or(u64::MAX)
    }
}

/// Thread states, as the letters of proc(5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// `R`: on a processor or ready for one.
    Running,
    /// `S`: blocked, interruptible.
    Sleeping,
    /// `D`: blocked, not interruptible.
    DiskSleep,
    /// `T`: stopped by a signal.
    Stopped,
    /// `t`: stopped by a tracer.
    TracingStop,
    /// `Z`: has exited, not yet collected by its parent.
    Zombie,
    /// `X`, `x`: about to vanish.
    Dead,
    /// `I`: an idle kernel thread.
    Idle,
    /// A letter that is none of these.
    Other(char),
}

impl State {
    fn from_letter(letter: u8) -> State {
        match letter {
            b'R' => State::Running,
            b'S' => State::Sleeping,
            b'D' => State::DiskSleep,
            b'T' => State::Stopped,
            b't' => State::TracingStop,
            b'Z' => State::Zombie,
            b'X' | b'x' => State::Dead,
            b'I' => State::Idle,
            other => State::Other(char::from(other)),
        }
    }

    /// Its letter of proc(5).
    pub fn letter(self) -> char {
        match self {
            State::Running => 'R',
            State::Sleeping => 'S',
            State::DiskSleep => 'D',
            State::Stopped => 'T',
            State::TracingStop => 't',
            State::Zombie => 'Z',
            State::Dead => 'X',
            State::Idle => 'I',
            State::Other(letter) => letter,
        }
    }

    /// Whether the thread has ended: a zombie, or past even that.
    pub fn has_exited(self) -> bool {
        matches!(self, State::Zombie | State::Dead)
    }
}

/// Parses `/proc/PID/stat` or `/proc/PID/task/TID/stat`.
///
/// # Errors
/// When the text is cut short or is not of this form.
///
/// ```
/// let text = b"77 (a) (b) S 1 77 77 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 3 0 12345 0";
/// let stat = linux_process::parse_stat(text).unwrap();
/// assert_eq!((stat.name.as_str(), stat.threads, stat.start_ticks), ("a) (b", 3, 12345));
/// ```
pub fn parse_stat(text: &[u8]) -> Result<Stat, ParseError> {
    // The name is between the first opening and the last closing parenthesis: it may contain both, and
    // nothing after it does.
    let open = text.iter().position(|&b| b == b'(').ok_or(ParseError::Missing { field: "comm" })?;
    let close = text.iter().rposition(|&b| b == b')').ok_or(ParseError::Missing { field: "comm" })?;
    let name = text.get(open + 1..close).ok_or(ParseError::Missing { field: "comm" })?;
    let pid = text.get(..open).unwrap_or_default().trim_ascii();

    let rest: Vec<&[u8]> = fields(text.get(close + 1..).unwrap_or_default()).take(20).collect();
    let field = |number: usize, field: &'static str| {
        // Numbered as in proc(5), where the first field after the name is the third.
        rest.get(number - 3).copied().ok_or(ParseError::Missing { field })
    };
    let state = field(3, "state")?.first().copied().ok_or(ParseError::Missing { field: "state" })?;
    Ok(Stat {
        pid: number(pid, "pid")?,
        name: String::from_utf8_lossy(name).into_owned(),
        state: State::from_letter(state),
        parent_pid: number(field(4, "ppid")?, "ppid")?,
        kernel_thread: number::<u64>(field(9, "flags")?, "flags")? & KERNEL_THREAD_FLAG != 0,
        cpu_ticks: number::<u64>(field(14, "utime")?, "utime")?
            .saturating_add(number(field(15, "stime")?, "stime")?),
        threads: number(field(20, "num_threads")?, "num_threads")?,
        start_ticks: number(field(22, "starttime")?, "starttime")?,
    })
}

fn number<N: std::str::FromStr>(text: &[u8], field: &'static str) -> Result<N, ParseError> {
    decimal(text).ok_or(ParseError::NotANumber { field })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TAIL: &str = " S 1 77 77 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 3 0 12345 0 0\n";

    fn check(name: &[u8], expected: &str) {
        let mut text = b"77 (".to_vec();
        text.extend_from_slice(name);
        text.extend_from_slice(b")");
        text.extend_from_slice(TAIL.as_bytes());
        let stat = parse_stat(&text).unwrap();
        assert_eq!(stat.name, expected);
        assert_eq!((stat.pid, stat.state, stat.parent_pid), (77, State::Sleeping, 1));
        assert_eq!((stat.kernel_thread, stat.threads, stat.start_ticks), (false, 3, 12345));
    }

    #[test]
    fn ordinary_name() {
        check(b"server", "server");
    }

    #[test]
    fn name_that_imitates_the_rest_of_the_line() {
        check(b"x) Z 0 (y", "x) Z 0 (y");
    }

    #[test]
    fn name_with_line_breaks_and_foreign_bytes() {
        check(b"a\nb\tc", "a\nb\tc");
        check(b"\xff\xfe", "\u{fffd}\u{fffd}");
        check(b"", "");
    }

    #[test]
    fn kernel_thread_by_its_flag() {
        let text = b"2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 5 0 0";
        assert!(parse_stat(text).unwrap().kernel_thread);
    }

    #[test]
    fn every_truncation_is_an_error_and_not_a_panic() {
        let whole = format!("77 (a) b){}", " S 1 77 77 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 3 0 12345");
        assert!(parse_stat(whole.as_bytes()).is_ok());
        // Cut inside the last number there is still a number: only that one goes unnoticed.
        for end in 0..whole.len() - 5 {
            assert!(parse_stat(&whole.as_bytes()[..end]).is_err(), "{:?}", &whole[..end]);
        }
    }

    #[test]
    fn parentheses_in_the_wrong_order() {
        assert_eq!(parse_stat(b")("), Err(ParseError::Missing { field: "comm" }));
        assert_eq!(parse_stat(b"(x)"), Err(ParseError::Missing { field: "state" }));
    }

    #[test]
    fn numbers_that_do_not_fit() {
        let text = b"77 (a) S 1 77 77 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 99999999999 0 1";
        assert_eq!(parse_stat(text), Err(ParseError::NotANumber { field: "num_threads" }));
    }
}
