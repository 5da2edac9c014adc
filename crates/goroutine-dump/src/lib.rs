//! Read and write the goroutine text format of the Go runtime.
//!
//! The format is what `runtime.Stack`, `/debug/pprof/goroutine?debug=2`, SIGQUIT and crashes print:
//!
//! ```text
//! goroutine 18 [chan receive, 3 minutes]:      header: id, wait reason or status, minutes, marks
//! main.(*queue[...]).get(...)                  a frame: function and arguments
//!     /src/main.go:19 +0x1d                      its file, line and offset from the function's start
//! created by main.main in goroutine 1          the `go` statement that started it
//!     /src/main.go:54 +0xe5
//! ```
//!
//! [`write()`] turns a snapshot into that layout, byte for byte, so that tools which read dumps read ours;
//! the argument values, which only the target could know, are always `(...)`. [`parse`] reads the texts
//! of Go 1.19 to 1.27, and ours. Deliberately absent: reading files, and reading the crash text around a
//! dump (it is skipped).
//!
//! ```
//! let (goroutines, problems) = goroutine_dump::parse("goroutine 7 [select (no cases)]:\nmain.main()\n\t/m.go:3 +0x9\n");
//! assert_eq!((goroutines[0].id, goroutines[0].state), (7, "select (no cases)"));
//! assert_eq!(goroutines[0].frames[0].line, 3);
//! assert!(problems.is_empty());
//! ```

#![forbid(unsafe_code)]

mod body;
mod header;
mod labels;
mod parse;
mod parse_header;
mod parse_line;
mod write;

pub use parse::{Elided, ParsedCreator, ParsedFrame, ParsedGoroutine, Problem, ProblemKind, parse};
pub use write::{WriteOptions, write};
