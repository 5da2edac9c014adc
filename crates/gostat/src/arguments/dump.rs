//! Options of `gostat dump`.

use std::io::IsTerminal;
use std::path::PathBuf;

use analysis::{FILTER_HELP, Filter};
use clap::{Args, CommandFactory, ValueEnum};

use super::{Arguments, Moment, ReadingOptions, Usage};

const DUMP_FORMATS: &str = "\
Formats:
  text    the layout of the Go runtime's own traceback (debug=2), read by the same tools
  json    one object: target, snapshot, goroutines, gaps
  pprof   a goroutine profile for `go tool pprof`, gzip-compressed; as Go's own, without the
          runtime's goroutines
  folded  one line a stack with its count, for flame graph tools";

const DUMP_EXAMPLES: &str = "\
Examples:
  gostat dump api --filter 'state=waiting and age>10m'
  gostat dump api --group --limit 10
  gostat dump 4242 --json | jq '.goroutines | length'";

/// Options of `gostat dump`.
#[derive(Debug, Args)]
pub(crate) struct DumpOptions {
    /// Pid, name of a process if only one has it, or a recording (see gostat record).
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
    /// Only goroutines that match, by state, wait reason, function, age and more: see below.
    #[arg(long, value_name = "EXPR", value_parser = parse_filter)]
    pub(crate) filter: Option<Filter>,
    /// Merge goroutines with equal stacks.
    #[arg(long)]
    pub(crate) group: bool,
    /// Merge goroutines with nearly equal stacks: --group with near-duplicates joined.
    #[arg(long)]
    pub(crate) similar: bool,
    /// Rules of your own for what goroutines are doing, tried before the built-in ones (see docs/meanings.md).
    #[arg(long, value_name = "FILE")]
    pub(crate) rules: Option<PathBuf>,
    /// At most N goroutines (or groups).
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<usize>,
    /// Leave out the runtime's own goroutines.
    #[arg(long)]
    pub(crate) no_runtime: bool,
    #[command(flatten)]
    pub(crate) moment: Moment,
    #[command(flatten)]
    pub(crate) reading: ReadingOptions,
}

impl DumpOptions {
    /// The format that the options amount to.
    pub(crate) fn format(&self) -> Format {
        if self.json { Format::Json } else { self.format }
    }

    /// Whether groups are to be shown.
    pub(crate) fn grouped(&self) -> bool {
        self.group || self.similar
    }

    /// Whether the options go together, as far as clap cannot tell.
    pub(super) fn check(&self) -> Result<(), Usage> {
        let complaint = |message: &str| {
            Err(Usage(Arguments::command().error(clap::error::ErrorKind::ArgumentConflict, message)))
        };
        match self.format() {
            Format::Pprof | Format::Folded if self.grouped() => complaint(
                "--group and --similar are for text and json: pprof and folded merge equal stacks by nature",
            ),
            Format::Pprof if self.writes_to_terminal() => {
                complaint("a profile is no text: use -o FILE, or pipe it somewhere")
            }
            _ => Ok(()),
        }
    }

    fn writes_to_terminal(&self) -> bool {
        self.output.as_deref().is_none_or(|path| path.as_os_str() == "-") && std::io::stdout().is_terminal()
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

/// Notes on formats, the language of filters as its own crate explains it, and examples.
pub(super) fn dump_notes() -> String {
    format!("{DUMP_FORMATS}\n\nFilters:\n{FILTER_HELP}\n\n{DUMP_EXAMPLES}")
}

/// With the advice on the line below: clap shows the message only.
fn parse_filter(text: &str) -> Result<Filter, String> {
    Filter::parse(text).map_err(|error| match error.hint() {
        Some(hint) => format!("{error}\nhint: {hint}"),
        None => error.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;
    use crate::arguments::{Request, parse};

    fn check(line: &str) -> Result<Request, clap::error::ErrorKind> {
        parse(line.split(' ').map(OsString::from)).map_err(|usage| usage.0.kind())
    }

    #[test]
    fn dump_with_everything() {
        let line =
            "gostat dump api --format text -o out --filter state=waiting --group --limit 3 --no-runtime";
        let Ok(Request::Dump(dump)) = check(line) else { panic!("not understood") };
        assert_eq!((dump.target.as_str(), dump.format()), ("api", Format::Text));
        assert_eq!((dump.limit, dump.group, dump.no_runtime), (Some(3), true, true));
        assert!(dump.filter.is_some());
        assert_eq!(dump.output, Some(PathBuf::from("out")));
    }

    #[test]
    fn filters_are_understood_before_anything_is_done() {
        assert!(check("gostat dump 1 --filter age>5m").is_ok());
        let usage =
            parse(["gostat", "dump", "1", "--filter", "stat=waiting"].map(OsString::from)).unwrap_err();
        assert_eq!(usage.0.kind(), clap::error::ErrorKind::ValueValidation);
        assert!(usage.0.to_string().contains("hint: did you mean"), "{}", usage.0);
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
    fn groups_are_for_formats_that_have_none() {
        assert!(check("gostat dump 1 --group --json").is_ok());
        assert!(check("gostat dump 1 --similar").is_ok());
        assert!(check("gostat dump 1 --similar --format folded").is_err());
        for format in ["pprof", "folded"] {
            let line = format!("gostat dump 1 --group -o x --format {format}");
            assert_eq!(check(&line).unwrap_err(), clap::error::ErrorKind::ArgumentConflict);
        }
    }
}
