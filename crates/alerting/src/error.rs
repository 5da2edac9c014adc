//! What can go wrong with alerts before anything is sent, told so that a user knows what to change.

use std::io;
use std::path::PathBuf;

use crate::payload::SinkType;

/// Why alerts cannot be set up as they are configured, or findings not be taken over.
#[derive(Debug, thiserror::Error)]
pub enum AlertingError {
    /// A silence without matchers.
    #[error("a silence without matchers would hide every finding\nhint: name a label, such as service")]
    SilenceOfEverything,
    /// Too many silences.
    #[error("there are {max} silences already\nhint: end some that are no longer needed")]
    TooManySilences {
        /// How many there may be.
        max: usize,
    },
    /// Saved findings of another form.
    #[error(
        "findings were saved in form {version}, this gostat has form {expected}\nhint: start without them"
    )]
    SavedByAnother {
        /// The form that they have.
        version: u32,
        /// The form that is known.
        expected: u32,
    },
    /// A setting is missing that this type of sink needs.
    #[error("sink {sink}: type {sink_type} needs {needs}")]
    Missing {
        /// The sink's name.
        sink: String,
        /// Its type.
        sink_type: SinkType,
        /// The settings that would do.
        needs: &'static str,
    },
    /// Settings that contradict each other or make no sense.
    #[error("sink {sink}: {problem}")]
    Setting {
        /// The sink's name.
        sink: String,
        /// What is wrong, and what to write instead.
        problem: &'static str,
    },
    /// Two sinks of one name.
    #[error("two sinks are called {sink}\nhint: give each a name of its own: queues on disk are kept by it")]
    SameName {
        /// The name.
        sink: String,
    },
    /// A sink that is not there.
    #[error("there is no sink called {sink}\nhint: there is {}", known.join(", "))]
    NoSuchSink {
        /// The name.
        sink: String,
        /// Those that there are.
        known: Vec<String>,
    },
    /// There are no sinks.
    #[error(
        "the configuration has no receivers, so nobody would be told of anything\nhint: [[alerts.sinks]] makes one: see docs/alerts.md"
    )]
    NoSinks,
    /// A secret cannot be read.
    #[error("sink {sink}: cannot read {setting} {path}: {source}")]
    SecretFile {
        /// The sink's name.
        sink: String,
        /// The setting that names the file.
        setting: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A secret is empty, too long or not one line of text.
    #[error("sink {sink}: what {setting} names is not one line of printable text")]
    SecretForm {
        /// The sink's name.
        sink: String,
        /// The setting.
        setting: &'static str,
    },
    /// A variable of the environment is not there.
    #[error("sink {sink}: {setting} names the environment variable {variable}, which is not set")]
    SecretVariable {
        /// The sink's name.
        sink: String,
        /// The setting.
        setting: &'static str,
        /// The variable.
        variable: String,
    },
    /// An address that is none.
    #[error(
        "sink {sink}: the address is not one of http:// or https:// (not shown, since it may hold a secret)"
    )]
    Address {
        /// The sink's name.
        sink: String,
    },
    /// The directory for queues cannot be used.
    #[error(
        "cannot keep alerts in {path}: {source}\nhint: make it writable for the agent, or set spool_directory"
    )]
    Spool {
        /// The directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Two agents with one queue.
    #[error("{path} is in use by another process\nhint: give each agent a spool_directory of its own")]
    SpoolInUse {
        /// The directory.
        path: PathBuf,
    },
    /// Certificates cannot be read.
    #[error("sink {sink}: cannot use the certificates in {path}: {problem}")]
    Certificates {
        /// The sink's name.
        sink: String,
        /// The file.
        path: PathBuf,
        /// Why.
        problem: String,
    },
    /// A thread cannot be started.
    #[error("cannot start a thread for sink {sink}: {source}")]
    Thread {
        /// The sink's name.
        sink: String,
        /// Why.
        source: io::Error,
    },
    /// A table of tolerances that cannot be understood.
    #[error("the table of tolerances cannot be read: {0}")]
    Tolerances(#[from] toml::de::Error),
    /// A tolerance that is no share.
    #[error("the tolerance of class {class} is {tolerance}, and has to be from 0 to 1 (0.02 is 2 %)")]
    Tolerance {
        /// The class.
        class: String,
        /// What it says.
        tolerance: f64,
    },
}
