//! Threads of a process: what each is blocked in, and the registers with which it entered the kernel.

use snapshot::Address;

use crate::parse::{ParseError, decimal, fields, hexadecimal};
use crate::stat::State;

/// One thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thread {
    /// Thread id, in our pid namespace.
    pub tid: u32,
    /// Its own name: threads may be named apart from their process.
    pub name: String,
    /// What it is doing.
    pub state: State,
    /// The kernel function in which it is blocked, where the kernel says so.
    pub wait_channel: Option<String>,
}

/// What `/proc/PID/task/TID/syscall` says of a thread. Reading it needs the right to trace the process,
/// and stops nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ThreadActivity {
    /// On a processor or ready for one: its registers are not to be had.
    Running,
    /// Blocked in a system call.
    InSyscall {
        /// The number of the system call on the thread's architecture.
        number: u64,
        /// Its six argument registers.
        arguments: [u64; 6],
        /// User registers with which it entered the kernel.
        registers: UserRegisters,
    },
    /// Blocked without a system call: in a page fault, or stopped.
    Blocked {
        /// User registers with which it entered the kernel.
        registers: UserRegisters,
    },
}

/// Where a thread will go on when it returns from the kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UserRegisters {
    /// Stack pointer.
    pub stack_pointer: Address,
    /// Program counter.
    pub program_counter: Address,
}

/// Parses `/proc/PID/task/TID/syscall` (`fs/proc/base.c`, `proc_pid_syscall`).
///
/// # Errors
/// When the text is cut short or is not of this form.
pub fn parse_thread_activity(text: &[u8]) -> Result<ThreadActivity, ParseError> {
    let mut rest = fields(text);
    let first = rest.next().ok_or(ParseError::Missing { field: "syscall" })?;
    if first == b"running" {
        return Ok(ThreadActivity::Running);
    }
    let mut word = |field: &'static str| {
        let text = rest.next().ok_or(ParseError::Missing { field })?;
        hexadecimal(text).ok_or(ParseError::NotANumber { field })
    };
    let mut arguments = [0; 6];
    let number: i64 = decimal(first).ok_or(ParseError::NotANumber { field: "syscall" })?;
    let number = u64::try_from(number).ok();
    if number.is_some() {
        for argument in &mut arguments {
            *argument = word("argument")?;
        }
    }
    let registers = UserRegisters {
        stack_pointer: Address(word("stack pointer")?),
        program_counter: Address(word("program counter")?),
    };
    Ok(match number {
        Some(number) => ThreadActivity::InSyscall { number, arguments, registers },
        None => ThreadActivity::Blocked { registers },
    })
}

/// The name in `/proc/PID/task/TID/wchan`: `0` means that it is not blocked, or that we may not know.
pub(crate) fn parse_wait_channel(text: &[u8]) -> Option<String> {
    let name = text.trim_ascii();
    (!name.is_empty() && name != b"0").then(|| String::from_utf8_lossy(name).into_owned())
}

/// Time on a processor, nanoseconds: the first number in `/proc/PID/task/TID/schedstat`.
pub(crate) fn parse_schedstat(text: &[u8]) -> Option<u64> {
    decimal(fields(text).next()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn running() {
        assert_eq!(parse_thread_activity(b"running\n"), Ok(ThreadActivity::Running));
    }

    #[test]
    fn in_a_futex_call() {
        let text = b"202 0x579c48 0x80 0x0 0x0 0x0 0x0 0x7ffc0b8 0x46a1c3\n";
        assert_eq!(
            parse_thread_activity(text),
            Ok(ThreadActivity::InSyscall {
                number: 202,
                arguments: [0x579c48, 0x80, 0, 0, 0, 0],
                registers: UserRegisters {
                    stack_pointer: Address(0x7ff_c0b8),
                    program_counter: Address(0x46a1c3)
                },
            })
        );
    }

    #[test]
    fn in_a_page_fault() {
        let registers = UserRegisters { stack_pointer: Address(0x10), program_counter: Address(0x20) };
        assert_eq!(parse_thread_activity(b"-1 0x10 0x20\n"), Ok(ThreadActivity::Blocked { registers }));
    }

    #[test]
    fn cut_short_or_garbled() {
        let text = b"202 0x1 0x2 0x3 0x4 0x5 0x6 0x7 0x8";
        assert!(parse_thread_activity(text).is_ok());
        for end in 0..text.len() - 3 {
            assert!(parse_thread_activity(&text[..end]).is_err(), "{end}");
        }
        assert!(parse_thread_activity(b"0xca 0x1 0x2").is_err());
        assert!(parse_thread_activity(b"-1 sp pc").is_err());
    }

    #[test]
    fn processor_times() {
        assert_eq!(parse_schedstat(b"628618837 185637178 67\n"), Some(628_618_837));
        assert_eq!(parse_schedstat(b""), None);
        assert_eq!(parse_schedstat(b"-1 0 0"), None);
    }

    #[test]
    fn wait_channels() {
        assert_eq!(parse_wait_channel(b"futex_wait_queue"), Some("futex_wait_queue".into()));
        assert_eq!(parse_wait_channel(b"0"), None);
        assert_eq!(parse_wait_channel(b""), None);
    }
}
