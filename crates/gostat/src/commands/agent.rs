//! `gostat agent`: watches every Go process until it is told to end.

mod asking;
mod client;
mod silences;
mod marks;
mod drill;
mod life;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use agent::Service;
use agent::config::{Config, ConfigError};
use anyhow::Result;

use crate::arguments::{AgentOptions, AgentTask};
use crate::output::deliver;

pub(crate) use asking::AgentError;

/// Read if it is there and no other is named.
const CONFIG_FILE: &str = "/etc/gostat/agent.toml";
/// A configuration is text that somebody wrote; what is larger is another file.
const CONFIG_BYTES_MAX: u64 = 4 << 20;

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigFileError {
    #[error("cannot read {}", path.display())]
    Unreadable {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("{} is larger than 4 MiB: that is no configuration", path.display())]
    TooLarge { path: PathBuf },
    #[error("{}: {cause}", path.display())]
    Wrong { path: PathBuf, cause: ConfigError },
}

impl ConfigFileError {
    /// What the user can do about it, if anything.
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            ConfigFileError::Wrong { cause, .. } => {
                let general = || "gostat agent example prints one with every key".to_owned();
                Some(cause.hint.clone().unwrap_or_else(general))
            }
            ConfigFileError::Unreadable { .. } | ConfigFileError::TooLarge { .. } => None,
        }
    }
}

/// Runs `gostat agent`.
pub(crate) fn run(options: &AgentOptions) -> Result<ExitCode> {
    match &options.task {
        None => life::run(options)?,
        Some(AgentTask::Check { file }) => {
            Service::check(&read(file)?)?;
            deliver(None, |out| writeln!(out, "{}: good", file.display()))?;
        }
        Some(AgentTask::Example) => deliver(None, |out| out.write_all(Config::example().as_bytes()))?,
        Some(AgentTask::Drill { config, sink }) => return drill::run(config.as_deref(), sink.as_deref()),
        Some(AgentTask::Findings(options)) => client::findings(options)?,
        Some(AgentTask::Mark(options)) => marks::add(options)?,
        Some(AgentTask::Silence(options)) => silences::add(options)?,
        Some(AgentTask::Silences { json, running }) => silences::show(running, *json)?,
        Some(AgentTask::Unsilence { number, json, running }) => silences::end(running, *number, *json)?,
        Some(AgentTask::Targets { json, running }) => client::targets(running, *json)?,
        Some(AgentTask::Enable { target, running }) => client::switch(running, target, "enable")?,
        Some(AgentTask::Disable { target, running }) => client::switch(running, target, "disable")?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The configuration that is named, else the usual one, else none at all.
pub(super) fn configuration(named: Option<&Path>) -> Result<Config, ConfigFileError> {
    match named {
        Some(path) => read(path),
        None if Path::new(CONFIG_FILE).exists() => read(Path::new(CONFIG_FILE)),
        None => Ok(Config::default()),
    }
}

fn read(path: &Path) -> Result<Config, ConfigFileError> {
    let unreadable = |source| ConfigFileError::Unreadable { path: path.to_owned(), source };
    if fs::metadata(path).map_err(unreadable)?.len() > CONFIG_BYTES_MAX {
        return Err(ConfigFileError::TooLarge { path: path.to_owned() });
    }
    let text = fs::read_to_string(path).map_err(unreadable)?;
    Config::parse(&text).map_err(|cause| ConfigFileError::Wrong { path: path.to_owned(), cause })
}
