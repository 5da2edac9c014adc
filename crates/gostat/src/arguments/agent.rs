//! Options of `gostat agent`.

mod running;
mod silence;
mod mark;

use std::path::PathBuf;

use agent::history::Moment;
use clap::{Args, Subcommand, ValueEnum};

use mark::MARK_NOTES;
pub(crate) use mark::MarkOptions;
pub(crate) use running::RunningAgent;
use silence::SILENCE_NOTES;
pub(crate) use silence::SilenceOptions;

/// What is shown below the options.
pub(super) const AGENT_NOTES: &str = "\
Without a subcommand the agent runs: it finds every Go process of this machine as it starts, looks
at each every 5 s within its budget, and serves what it sees on http://127.0.0.1:6068. It needs no
configuration; /etc/gostat/agent.toml is read if it is there. SIGHUP reads it again and loses
nothing; SIGTERM and SIGINT end it well.

Files:
  /etc/gostat/agent.toml        the configuration (gostat agent example prints one)
  /var/lib/gostat               what it remembers (state_directory)

Exit status:
  0   it was told to end, and did; or the configuration is good; or the request was answered
  1   drill: a receiver did not take the test alert
  2   trouble: one line says what is wrong, a second one what may help

Examples:
  gostat agent
  gostat agent example > agent.toml && gostat agent check agent.toml
  gostat agent --config agent.toml
  gostat agent targets
  gostat agent targets --agent https://node7:6068 --ca-file ca.crt --token-file token
  gostat agent findings --since 7d
  gostat agent mark 'v1.2.3 of shop' --deploy --service shop
  gostat agent silence service=checkout --for 2h --comment 'known, see #123'
  curl -s http://127.0.0.1:6068/metrics
  go tool pprof http://127.0.0.1:6068/targets/ID/debug/pprof/goroutine";

/// Options of `gostat agent`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct AgentOptions {
    #[command(subcommand)]
    pub(crate) task: Option<AgentTask>,
    /// The configuration; an empty one is a good one.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// How to write what happens, on the standard error. GOSTAT_LOG=debug says more, GOSTAT_LOG=warn less.
    #[arg(long, value_enum, default_value_t = LogFormat::Text)]
    pub(crate) log: LogFormat,
}

/// How to write what happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// Lines for people, and for the journal.
    Text,
    /// One JSON object a line.
    Json,
}

/// What else to do than to run.
#[derive(Debug, Subcommand)]
pub(crate) enum AgentTask {
    /// Say whether a configuration is good, and if not, what is wrong where.
    Check {
        /// The configuration.
        file: PathBuf,
    },
    /// Print a configuration with every key, its default and what it means.
    Example,
    /// Send a test alert, plainly marked, and its end, to see whether alerts arrive.
    Drill {
        /// The configuration.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
        /// Only to this receiver; to all by default.
        #[arg(long, value_name = "NAME")]
        sink: Option<String>,
    },
    /// Show what a running agent has found wrong.
    Findings(FindingOptions),
    /// Mark a deploy, or note something, on the time line of a running agent.
    #[command(after_help = MARK_NOTES)]
    Mark(MarkOptions),
    /// Have a running agent tell nobody of findings that match, until a time.
    #[command(after_help = SILENCE_NOTES)]
    Silence(SilenceOptions),
    /// List the silences of a running agent.
    Silences {
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        running: RunningAgent,
    },
    /// End a silence of a running agent.
    Unsilence {
        /// Its number.
        number: u64,
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        running: RunningAgent,
    },
    /// List the targets of a running agent.
    Targets {
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        running: RunningAgent,
    },
    /// Have a running agent look at a target again.
    Enable {
        /// The target's id or pid.
        target: String,
        #[command(flatten)]
        running: RunningAgent,
    },
    /// Have a running agent not look at a target, until it is enabled again, ends, or the agent does.
    Disable {
        /// The target's id or pid.
        target: String,
        #[command(flatten)]
        running: RunningAgent,
    },
}

/// Options of `gostat agent findings`.
#[derive(Debug, Args)]
pub(crate) struct FindingOptions {
    /// Also those that are over, from then on: a duration before now (15m, 7d), or a time (2026-05-17T12:30:00Z,
    /// @SECONDS; @0 for all). Each time that one fired is an entry.
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<Moment>,
    /// Until when, likewise [default: now].
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<Moment>,
    /// Print one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) running: RunningAgent,
}
