//! `gostat top`: goroutines in a terminal.

use std::env;
use std::io::{self, IsTerminal};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use analysis::Meanings;
use anyhow::Result;
use capture::{Options, Source};
use recording::Moment;
use terminal_ui::{Settings, Shown, Tape, Theme, Trouble, once, run as show};

use crate::arguments::{PsOptions, TopOptions};
use crate::commands::{ps, record};
use crate::output::deliver;
use crate::rules;
use crate::target::{self, TargetError};
use crate::trouble::advice;

const INTERVAL: Duration = Duration::from_secs(1);
/// Columns and lines of a picture for nobody's terminal.
const PICTURE: (u16, u16) = (120, 40);

/// Why nothing can be shown.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TopError {
    #[error("gostat top needs a terminal to show itself on")]
    NoTerminal,
    #[error("{cause}")]
    NotSeen { cause: String, hint: Option<String> },
}

impl TopError {
    /// What the user can do about it, if anything.
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            TopError::NoTerminal => Some(
                "gostat top --once prints one picture; gostat stat and gostat dump print for programs".into(),
            ),
            TopError::NotSeen { hint, .. } => hint.clone(),
        }
    }
}

/// Runs `gostat top`.
pub(crate) fn run(options: &TopOptions) -> Result<()> {
    // Before a process is attached to, which may take a moment and say why not.
    let is_terminal = io::stdout().is_terminal() && io::stdin().is_terminal();
    if !options.once && !is_terminal {
        return Err(TopError::NoTerminal.into());
    }
    if options.target.is_none() {
        if options.moment.at.is_some() {
            let target = "every process".to_owned();
            return Err(TargetError::NeedsRecording { option: "--at", target }.into());
        }
        if options.json {
            return ps::run(&PsOptions { json: true });
        }
    }
    let settings = settings(options)?;
    let shown = shown(options)?;
    match (options.once, shown) {
        (false, shown) => Ok(show(shown, settings)?),
        (true, Shown::Target { source, .. }) if options.json => print_json(*source, &settings),
        (true, shown) => {
            let text = once(shown, &settings, size(), options.view.view());
            let text = text.map_err(|Trouble { cause, hint }| TopError::NotSeen { cause, hint })?;
            Ok(deliver(None, |out| out.write_all(text.as_bytes()))?)
        }
    }
}

fn shown(options: &TopOptions) -> Result<Shown> {
    let Some(name) = &options.target else { return Ok(Shown::Fleet) };
    let recording = target::recording(name)?.map(Path::to_owned);
    let source = match &recording {
        Some(path) => {
            let mut replay = target::replay(path, name, options.moment.at.as_ref())?;
            if options.moment.at.is_none() && !options.once {
                replay.choose(0)?;
            }
            Source::Replay(Box::new(replay))
        }
        None => target::open(name, &options.moment)?,
    };
    if options.pace {
        target::require_recording(&source, "--pace", name)?;
    }
    let name = if recording.is_some() { name.clone() } else { source.target().name.clone() };
    Ok(Shown::Target { source: Box::new(source), name, recording })
}

fn settings(options: &TopOptions) -> Result<Settings> {
    Ok(Settings {
        interval: options.interval.map_or(INTERVAL, |interval| interval.0),
        workers: options.reading.threads(),
        rules: Arc::new(rules::read(options.rules.as_deref())?.into_owned()),
        pace: options.pace,
        memory_bytes: usize::try_from(options.memory_mib)? << 20,
        theme: Theme { colour: is_coloured(), unicode: is_unicode() },
        open_tape: Arc::new(|path: &Path| {
            let tape = record::Tape::create(path).map_err(|error| told(&error.into()))?;
            Ok(Box::new(FileTape(tape)) as Box<dyn Tape>)
        }),
    })
}

/// The same groups as `gostat dump --group --json`.
fn print_json(mut source: Source, settings: &Settings) -> Result<()> {
    source.set_workers(settings.workers);
    let snapshot = source.snapshot(&Options::default())?;
    let meanings = Meanings::new(&settings.rules, &snapshot);
    let groups = analysis::group(&meanings, &snapshot.goroutines);
    Ok(deliver(None, |mut out| report::json::write_groups(&snapshot, &groups, &mut out))?)
}

fn size() -> (u16, u16) {
    let size = terminal_size::terminal_size_of(io::stdout());
    size.map_or(PICTURE, |(terminal_size::Width(width), terminal_size::Height(height))| (width, height))
}

/// <https://no-color.org>: whatever it is set to, unless that is empty.
fn is_coloured() -> bool {
    env::var_os("NO_COLOR").is_none_or(|text| text.is_empty())
        && env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// Whether the locale has more characters than ASCII: the first of these that is set decides.
fn is_unicode() -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(|name| env::var(name).ok().filter(|text| !text.is_empty()));
    locale.is_some_and(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}

/// A recording in a file, as `gostat record` makes it.
struct FileTape(record::Tape);

impl Tape for FileTape {
    fn append(&mut self, moment: &Moment) -> Result<(), Trouble> {
        self.0.append(moment).map_err(|error| told(&error))
    }

    fn finish(self: Box<Self>) -> Result<(), Trouble> {
        self.0.finish().map_err(|error| told(&error.into()))
    }
}

fn told(error: &anyhow::Error) -> Trouble {
    Trouble { cause: format!("{error:#}"), hint: advice(error) }
}
