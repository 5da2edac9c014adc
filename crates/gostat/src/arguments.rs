//! What may be typed after `gostat`, and what it means.

use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::str::FromStr;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// `EX_USAGE` of sysexits.h: the command line makes no sense.
const EXIT_USAGE: u8 = 64;

const EXAMPLES: &str = "\
Examples:
  gostat ps                               which Go processes are there?
  gostat dump 4242                        every goroutine of process 4242, as in a Go traceback
  gostat dump api --group                 equal stacks merged and counted
  gostat dump api --format pprof -o g.pb.gz && go tool pprof g.pb.gz
  gostat stat api 1                       one line a second, like vmstat

Exit status:
  0   all went well
  1   findings (reserved: no command of this release reports any)
  2   trouble: one line says what is wrong, a second one what may help
  64  the command line is wrong

Permissions:
  Reading a process needs CAP_SYS_PTRACE, which root has. The same user suffices where
  kernel.yama.ptrace_scope is 0 or absent. In Kubernetes: hostPID and the capability SYS_PTRACE.
  The process is never stopped and never written to. `gostat doctor` says what is possible here.";

/// See every goroutine of any Go process, from outside.
///
/// gostat reads the memory of a running Go process: no agent in it, no endpoint, no restart, no pause.
/// Stripped programs and old releases (from Go 1.19) are no obstacle.
#[derive(Debug, Parser)]
#[command(name = "gostat", version, after_help = EXAMPLES, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    request: Request,
}

/// One command with its options.
#[derive(Debug, PartialEq, Subcommand)]
pub(crate) enum Request {
    /// List the Go processes of this machine.
    ///
    /// Processes whose executable may not be read could be Go: they are listed last, with the reason.
    Ps(PsOptions),
    /// Show every goroutine of a process: state, wait reason, stack, creator.
    #[command(after_help = DUMP_NOTES)]
    Dump(DumpOptions),
    /// Show goroutine states, run queues, Ps and Ms, one line a tick.
    ///
    /// Without INTERVAL one line is shown; without COUNT lines are shown until interrupted.
    Stat(StatOptions),
    /// Say what this machine and user may do, and how to get more.
    Doctor(DoctorOptions),
}

/// Options of `gostat ps`.
#[derive(Debug, PartialEq, Args)]
pub(crate) struct PsOptions {
    /// Print one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

const DUMP_NOTES: &str = "\
Formats:
  text    the layout of the Go runtime's own traceback (debug=2), read by the same tools
  json    one object: target, snapshot, goroutines, gaps
  pprof   a goroutine profile for `go tool pprof`, gzip-compressed
  folded  one line a stack with its count, for flame graph tools

Examples:
  gostat dump api --filter 'state=waiting reason~chan'
  gostat dump api --group --limit 10
  gostat dump 4242 --json | jq '.goroutines | length'";

/// Options of `gostat dump`.
#[derive(Debug, PartialEq, Args)]
pub(crate) struct DumpOptions {
    /// Pid, or the name of a process if only one has it.
    pub(crate) target: String,
    /// How to print them.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Same as --format json.
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// Write to FILE, whole or not at all, instead of the standard output.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Only goroutines that fit: by state, wait reason, function, package, age, label, creator.
    #[arg(long, value_name = "EXPR")]
    pub(crate) filter: Option<String>,
    /// Merge goroutines with equal stacks.
    #[arg(long)]
    pub(crate) group: bool,
    /// At most N goroutines (or groups).
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<usize>,
    /// Leave out the runtime's own goroutines.
    #[arg(long)]
    pub(crate) no_runtime: bool,
}

impl DumpOptions {
    /// The format that the options amount to.
    pub(crate) fn format(&self) -> Format {
        if self.json { Format::Json } else { self.format }
    }
}

/// Formats of `gostat dump`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// As the runtime prints it.
    Text,
    /// One JSON object.
    Json,
    /// A gzip-compressed profile.
    Pprof,
    /// Folded stacks.
    Folded,
}

/// Options of `gostat stat`.
#[derive(Debug, PartialEq, Args)]
pub(crate) struct StatOptions {
    /// Pid, or the name of a process if only one has it.
    pub(crate) target: String,
    /// Time between lines: seconds, or with a unit (500ms, 2s, 1m).
    pub(crate) interval: Option<Interval>,
    /// How many lines.
    #[arg(value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) count: Option<u64>,
    /// Print one JSON object a line.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Options of `gostat doctor`.
#[derive(Debug, PartialEq, Args)]
pub(crate) struct DoctorOptions {
    /// Print one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Time between two lines: from 10 ms, below which gostat would be busy with itself, to a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Interval(pub(crate) Duration);

/// Why a text is no interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum IntervalError {
    #[error("not a time: give seconds, or a unit as in 500ms, 2s, 1m")]
    NotATime,
    #[error("must be between 10ms and 24 hours")]
    OutOfRange,
}

impl FromStr for Interval {
    type Err = IntervalError;

    fn from_str(text: &str) -> Result<Self, IntervalError> {
        // `ms` before `s`, which it ends with.
        let units = [("ms", 0.001), ("s", 1.0), ("m", 60.0), ("h", 3600.0), ("", 1.0)];
        let (number, unit) = units
            .iter()
            .find_map(|&(suffix, unit)| text.strip_suffix(suffix).map(|number| (number, unit)))
            .ok_or(IntervalError::NotATime)?;
        // f64 would also take `inf`, `nan` and `1e3`.
        if !number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
            return Err(IntervalError::NotATime);
        }
        let number: f64 = number.parse().map_err(|_| IntervalError::NotATime)?;
        let interval = Duration::try_from_secs_f64(number * unit).map_err(|_| IntervalError::OutOfRange)?;
        let allowed = Duration::from_millis(10)..=Duration::from_secs(86_400);
        allowed.contains(&interval).then_some(Interval(interval)).ok_or(IntervalError::OutOfRange)
    }
}

/// A command line that asks for help, or makes no sense.
#[derive(Debug)]
pub(crate) struct Usage(clap::Error);

impl Usage {
    /// Prints it where it belongs: help was asked for, a complaint was not.
    pub(crate) fn print(&self) -> ExitCode {
        // Whoever closed the stream does not want to read it.
        let _ = self.0.print();
        let _ = std::io::stdout().flush();
        if self.0.use_stderr() { ExitCode::from(EXIT_USAGE) } else { ExitCode::SUCCESS }
    }
}

/// Understands a command line, the program's name first.
pub(crate) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Request, Usage> {
    let arguments = Arguments::try_parse_from(arguments).map_err(Usage)?;
    Ok(arguments.request)
}

/// A complaint in the same form as clap's own, about what it cannot judge.
pub(crate) fn complaint(message: &str) -> Usage {
    use clap::CommandFactory;
    Usage(Arguments::command().error(clap::error::ErrorKind::ValueValidation, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str) -> Result<Request, clap::error::ErrorKind> {
        parse(line.split(' ').map(OsString::from)).map_err(|usage| usage.0.kind())
    }

    #[test]
    fn clap_finds_no_fault_with_the_definitions() {
        use clap::CommandFactory;
        Arguments::command().debug_assert();
    }

    #[test]
    fn dump_with_everything() {
        let line =
            "gostat dump api --format folded -o out --filter state=waiting --group --limit 3 --no-runtime";
        let Ok(Request::Dump(dump)) = check(line) else { panic!("not understood") };
        assert_eq!((dump.target.as_str(), dump.format()), ("api", Format::Folded));
        assert_eq!((dump.limit, dump.group, dump.no_runtime), (Some(3), true, true));
        assert_eq!(dump.filter.as_deref(), Some("state=waiting"));
        assert_eq!(dump.output, Some(PathBuf::from("out")));
    }

    #[test]
    fn json_is_a_format() {
        let format = |line| match check(line) {
            Ok(Request::Dump(dump)) => Ok(dump.format()),
            Ok(other) => panic!("{other:?}"),
            Err(kind) => Err(kind),
        };
        assert_eq!(format("gostat dump 1"), Ok(Format::Text));
        assert_eq!(format("gostat dump 1 --json"), Ok(Format::Json));
        assert_eq!(format("gostat dump 1 --format json"), Ok(Format::Json));
        assert_eq!(
            format("gostat dump 1 --json --format text"),
            Err(clap::error::ErrorKind::ArgumentConflict)
        );
    }

    #[test]
    fn stat_takes_interval_and_count() {
        let Ok(Request::Stat(stat)) = check("gostat stat 4242 0.5 10 --json") else {
            panic!("not understood")
        };
        assert_eq!(stat.interval, Some(Interval(Duration::from_millis(500))));
        assert_eq!((stat.count, stat.json), (Some(10), true));
        assert!(check("gostat stat 4242 1 0").is_err());
        assert!(check("gostat stat 4242 soon").is_err());
        assert!(check("gostat stat").is_err());
    }

    #[test]
    fn intervals() {
        let of = |text: &str| text.parse::<Interval>().map(|interval| interval.0.as_millis());
        assert_eq!(of("1"), Ok(1000));
        assert_eq!(of("250ms"), Ok(250));
        assert_eq!(of("1.5s"), Ok(1500));
        assert_eq!(of("2m"), Ok(120_000));
        assert_eq!(of("24h"), Ok(86_400_000));
        for text in ["", "s", "-1", "1e3", "inf", "nan", "1d", "1 s", "."] {
            assert_eq!(of(text), Err(IntervalError::NotATime), "{text:?}");
        }
        for text in ["0", "9ms", "25h", "99999999999999999999999"] {
            assert_eq!(of(text), Err(IntervalError::OutOfRange), "{text:?}");
        }
    }
}
