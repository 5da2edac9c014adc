//! What may be typed after `gostat`, and what it means.

mod dump;
mod interval;
mod leaks;
mod blocking;
mod agent;
mod diff;
mod moment;
mod record;
mod history;
mod top;

use std::ffi::OsString;
use std::io::Write;
use std::num::NonZeroUsize;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

pub(crate) use agent::{
    AgentOptions, AgentTask, FindingOptions, LogFormat, MarkOptions, RunningAgent, SilenceOptions,
};
pub(crate) use blocking::{CopyOptions, GraphFormat, GraphOptions, WhyOptions};
pub(crate) use diff::DiffOptions;
pub(crate) use dump::{DumpOptions, Format};
pub(crate) use history::HistoryOptions;
pub(crate) use interval::Interval;
pub(crate) use leaks::LeaksOptions;
pub(crate) use moment::{At, Moment, extent, time_text};
pub(crate) use record::RecordOptions;
pub(crate) use top::TopOptions;

/// `EX_USAGE` of sysexits.h: the command line makes no sense.
const EXIT_USAGE: u8 = 64;

const EXAMPLES: &str = "\
Examples:
  gostat ps                               which Go processes are there?
  gostat top                              watch all of them; Enter opens one, ? lists the keys
  gostat dump 4242                        every goroutine of process 4242, as in a Go traceback
  gostat dump api --group                 equal stacks merged and counted
  gostat dump api --format pprof -o g.pb.gz && go tool pprof g.pb.gz
  gostat stat api 1                       one line a second, like vmstat
  gostat stat api 1 --memory              heap, stacks, allocations and garbage collections
  gostat why api 98113                    what does it wait for, and who could end that?
  gostat graph api --format svg -o g.svg  who waits for whom
  gostat sched api 1 --detail             Ps, Ms and their threads, every second
  gostat leaks api                        which goroutines can never run again?
  gostat agent                            watch every Go process, for ever
  gostat record api 10s -o api.gostat     record; then gostat stat api.gostat, and others
  gostat diff api.gostat@1 api.gostat     what has changed since the first moment?
  gostat history api --by stack           which stacks have grown in the last hour?

Exit status:
  0   all went well
  1   findings: gostat leaks has proven a leak; a receiver did not take a test alert (agent drill)
  2   trouble: one line says what is wrong, a second one what may help
  64  the command line is wrong

Permissions:
  Reading a process needs CAP_SYS_PTRACE, which root has. The same user suffices where
  kernel.yama.ptrace_scope is 0 or absent. In Kubernetes: hostPID and the capability SYS_PTRACE.
  The process is never written to, and never stopped but by --freeze. `gostat doctor` says what is
  possible here.";

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
#[derive(Debug, Subcommand)]
pub(crate) enum Request {
    /// List the Go processes of this machine.
    ///
    /// Processes whose executable may not be read could be Go: they are listed last, with the reason.
    Ps(PsOptions),
    /// Watch goroutines in this terminal: of all Go processes, of one, or of a recording.
    #[command(after_help = top::TOP_NOTES)]
    Top(TopOptions),
    /// Show every goroutine of a process: state, wait reason, stack, creator.
    #[command(after_help = dump::dump_notes())]
    Dump(DumpOptions),
    /// Show goroutine states, run queues, Ps and Ms, one line a tick.
    ///
    /// Without INTERVAL one line is shown; without COUNT lines are shown until interrupted. The first line comes at
    /// once, the others at whole intervals of the machine's monotonic clock: all gostats with the same interval look
    /// at the same instants, and nothing drifts. An interval that passed while gostat was busy has no line.
    /// All moments of a recording are shown at once; with INTERVAL the first of each interval.
    Stat(StatOptions),
    /// Show the scheduler as GODEBUG=schedtrace does, one line a tick, or every P and M with --detail.
    ///
    /// Without INTERVAL one line is shown; without COUNT lines are shown until interrupted. All moments of a recording are
    /// shown at once; with INTERVAL the first of each interval.
    #[command(after_help = SCHED_NOTES)]
    Sched(SchedOptions),
    /// Show which goroutines have leaked: proven, or suspected, with the evidence.
    #[command(after_help = leaks::LEAKS_NOTES)]
    Leaks(LeaksOptions),
    /// Say why a goroutine is blocked: what it waits for, who could end that, what those wait for.
    #[command(after_help = blocking::WHY_NOTES)]
    Why(WhyOptions),
    /// Show who waits for whom in a process, as a graph of goroutines and what they wait for.
    #[command(after_help = blocking::GRAPH_NOTES)]
    Graph(GraphOptions),
    /// Watch every Go process of this machine: metrics, history, leaks, alerts.
    #[command(after_help = agent::AGENT_NOTES)]
    Agent(AgentOptions),
    /// Record moments of a process to a file, which every command that takes a process takes as well.
    #[command(after_help = record::RECORD_NOTES)]
    Record(RecordOptions),
    /// Compare two moments of recordings, or two dumps: groups that are new, gone, grown or shrunk.
    #[command(after_help = diff::DIFF_NOTES)]
    Diff(DiffOptions),
    /// Show what processes did over time, as the agent remembers it: also those that are gone.
    #[command(after_help = history::HISTORY_NOTES)]
    History(HistoryOptions),
    /// Say what this machine and user may do, and how to get more.
    Doctor(DoctorOptions),
}

/// Options of `gostat ps`.
#[derive(Debug, Args)]
pub(crate) struct PsOptions {
    /// Print one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Reading is bound by copying: more threads gain little and take more of a machine that is busy already.
const THREADS_DEFAULT: usize = 2;

/// How much of this machine gostat may use.
#[derive(Debug, Args)]
pub(crate) struct ReadingOptions {
    /// Read with at most N threads, which are only started for tens of thousands of goroutines [default: 2,
    /// or 1 on a machine with one CPU].
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
}

impl ReadingOptions {
    /// Threads that may read side by side.
    pub(crate) fn threads(&self) -> usize {
        let cpus = || std::thread::available_parallelism().map_or(1, |cpus| cpus.get().min(THREADS_DEFAULT));
        self.threads.map_or_else(cpus, NonZeroUsize::get)
    }
}

/// Options of `gostat stat`.
#[derive(Debug, Args)]
pub(crate) struct StatOptions {
    /// Pid, name of a process if only one has it, or a recording (see gostat record).
    pub(crate) target: String,
    /// Time between lines: seconds, or with a unit (500ms, 2s, 1m).
    pub(crate) interval: Option<Interval>,
    /// How many lines.
    #[arg(value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) count: Option<u64>,
    /// Show counts of goroutines without jitter: each the median of its last three lines. What lasts one line only
    /// is left out, what stays shows at its second line. In JSON, beside the raw counts.
    #[arg(long, requires = "interval")]
    pub(crate) steady: bool,
    /// Show memory instead: heap, stacks, objects, garbage collections. (--json always has both.)
    #[arg(long, conflicts_with = "steady")]
    pub(crate) memory: bool,
    /// Print one JSON object a line.
    #[arg(long)]
    pub(crate) json: bool,
    /// Play a recording as slowly as it was made, instead of at once.
    #[arg(long)]
    pub(crate) pace: bool,
    #[command(flatten)]
    pub(crate) moment: Moment,
    #[command(flatten)]
    pub(crate) reading: ReadingOptions,
}

const SCHED_NOTES: &str = "\
Columns:
  p, idlp          Ps (GOMAXPROCS), and those without work
  thrd, idlm       Ms, and those parked for want of work
  lckm             Ms parked because the goroutine locked to them cannot run
  spin, need       Ms looking for work, and whether another one should (Go 1.20 and later)
  gcw, stop        whether the world is to stop, and for how many Ps that still waits
  mon              whether the runtime's watching thread (sysmon) sleeps
  sched/s, sysc/s  scheduling decisions and system calls per second, all Ps
  glob, locl, by p goroutines on the global run queue, on those of all Ps, and on each P's own
                   (without the one that it runs next, which locl counts)
A dash stands for what is not known: rates in the first line, fields that a Go release lacks.

With --detail, all Ps and Ms, with what Linux says of each M's thread: state (R, S, D, ...), time on
a processor, share of one since the tick before, name, control group. Goroutines are listed only if
an M runs them or is locked to them; `gostat dump` shows all. --json always has all of this.";

/// Options of `gostat sched`.
#[derive(Debug, Args)]
pub(crate) struct SchedOptions {
    /// Pid, name of a process if only one has it, or a recording (see gostat record).
    pub(crate) target: String,
    /// Time between lines: seconds, or with a unit (500ms, 2s, 1m).
    pub(crate) interval: Option<Interval>,
    /// How many lines.
    #[arg(value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) count: Option<u64>,
    /// Show every P, every M with its thread, and the goroutines that Ms have.
    #[arg(long)]
    pub(crate) detail: bool,
    /// Print one JSON object a line.
    #[arg(long)]
    pub(crate) json: bool,
    /// Play a recording as slowly as it was made, instead of at once.
    #[arg(long)]
    pub(crate) pace: bool,
    #[command(flatten)]
    pub(crate) moment: Moment,
}

/// Options of `gostat doctor`.
#[derive(Debug, Args)]
pub(crate) struct DoctorOptions {
    /// Print one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
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
    if let Request::Dump(dump) = &arguments.request {
        dump.check()?;
    }
    Ok(arguments.request)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use clap::CommandFactory;

    use super::*;

    fn check(line: &str) -> Result<Request, clap::error::ErrorKind> {
        parse(line.split(' ').map(OsString::from)).map_err(|usage| usage.0.kind())
    }

    /// Longer lines of the notes would be broken anew, one word each.
    #[test]
    fn notes_fit() {
        let mut open = vec![Arguments::command()];
        while let Some(command) = open.pop() {
            let notes = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            let long = notes.lines().find(|line| line.chars().count() > 100);
            assert_eq!(long, None, "{}", command.get_name());
            open.extend(command.get_subcommands().cloned());
        }
    }

    #[test]
    fn clap_finds_no_fault_with_the_definitions() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn stat_takes_interval_and_count() {
        let Ok(Request::Stat(stat)) = check("gostat stat 4242 0.5 10 --json") else {
            panic!("not understood")
        };
        assert_eq!(stat.interval, Some(Interval(Duration::from_millis(500))));
        assert_eq!((stat.count, stat.json), (Some(10), true));
        assert!(!stat.steady);
        let Ok(Request::Stat(stat)) = check("gostat stat --steady 4242 1") else { panic!("not understood") };
        assert!(stat.steady);
        assert!(check("gostat stat --steady 4242").is_err(), "one line has no median");
        assert!(check("gostat stat 4242 1 0").is_err());
        assert!(check("gostat stat 4242 soon").is_err());
        assert!(check("gostat stat").is_err());
    }
}
