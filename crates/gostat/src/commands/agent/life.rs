//! The life of the agent's process: log, signals, and what systemd is told.

use std::io::IsTerminal;
use std::time::Duration;

use agent::Service;
use anyhow::{Context, Result};
use linux_process::ProcessTable;
use sd_notify::NotifyState;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use tracing_subscriber::EnvFilter;

use super::configuration;
use crate::arguments::{AgentOptions, LogFormat};
use crate::trouble::advice;

/// Runs until SIGTERM or SIGINT; SIGHUP reads the configuration again.
pub(super) fn run(options: &AgentOptions) -> Result<()> {
    let config = configuration(options.config.as_deref())?;
    log(options.log)?;
    // Before anything is started: a signal that comes early is not lost.
    let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM])?;
    let service = Service::start(ProcessTable::default(), config)?;
    tracing::info!(version = env!("CARGO_PKG_VERSION"), address = %service.address(), "watching");
    notify(&[NotifyState::Ready]);
    let _watchdog = watchdog();
    for signal in signals.forever() {
        if signal != SIGHUP {
            break;
        }
        notify(&[NotifyState::Reloading]);
        match configuration(options.config.as_deref()) {
            Ok(config) => service.reload(config),
            Err(error) => {
                let error = anyhow::Error::from(error);
                let hint = advice(&error).unwrap_or_default();
                tracing::error!(error = format!("{error:#}"), hint, "the configuration stays as it was");
            }
        }
        notify(&[NotifyState::Ready]);
    }
    tracing::info!("ending");
    notify(&[NotifyState::Stopping]);
    service.stop();
    Ok(())
}

/// A word that is no level would be taken for the name of a part of the program, and everything else left out.
fn log(format: LogFormat) -> Result<()> {
    let wanted = std::env::var("GOSTAT_LOG").unwrap_or_default();
    let is_level = wanted.parse::<tracing::level_filters::LevelFilter>().is_ok();
    anyhow::ensure!(
        wanted.is_empty() || is_level || wanted.contains('='),
        "GOSTAT_LOG is {wanted:?}, which is no level\nhint: error, warn, info, debug, trace or off"
    );
    let filter = EnvFilter::builder().with_default_directive(tracing::Level::INFO.into());
    let filter = filter.parse(&wanted).with_context(|| format!("GOSTAT_LOG is {wanted:?}"))?;
    let colour =
        std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|no| no.is_empty());
    let log =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(colour);
    match format {
        LogFormat::Text => log.with_target(false).init(),
        LogFormat::Json => log.json().init(),
    }
    Ok(())
}

/// Tells systemd, if that is who started us.
fn notify(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "cannot tell systemd");
    }
}

/// Tells systemd that we live, twice in the time after which it would think otherwise.
fn watchdog() -> Option<std::thread::JoinHandle<()>> {
    let every: Duration = sd_notify::watchdog_enabled()? / 2;
    let tell = move || {
        loop {
            notify(&[NotifyState::Watchdog]);
            std::thread::sleep(every);
        }
    };
    std::thread::Builder::new().name("watchdog".to_owned()).spawn(tell).ok()
}
