//! What the user means by TARGET: a process, or a recording of one.

use std::path::{Path, PathBuf};

use capture::{Replay, Session, Source};
use linux_process::{FindError, ProcessTable};

use crate::arguments::{At, Moment};
use crate::trouble::{remark, remark_on_damage, remark_on_release};

/// Why it is not clear what is meant, or cannot be done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TargetError {
    #[error("{name} is the name of a process and of a recording in this directory")]
    Ambiguous { name: String },
    #[error("{} is no recording, and no process is named so", path.display())]
    NotARecording { path: PathBuf },
    #[error("there is no file {target}, and no process is named so")]
    NoSuchFile { target: String },
    #[error("{option} is for recordings, and {target} is a process")]
    NeedsRecording { option: &'static str, target: String },
    #[error("{option} needs a live process, and {target} is a recording")]
    NeedsProcess { option: &'static str, target: String },
    #[error("the recording {target} has no moment {asked}: {has}")]
    NoSuchMoment { target: String, asked: String, has: String },
}

impl TargetError {
    /// What the user can do about it.
    pub(crate) fn hint(&self) -> String {
        match self {
            TargetError::Ambiguous { name } => format!("./{name} is the recording; a pid is the process"),
            TargetError::NotARecording { .. } => "gostat record TARGET -o FILE makes a recording".into(),
            TargetError::NoSuchFile { target } => match target.rsplit_once('@') {
                Some((file, moment)) => format!("a moment of a recording is chosen so: {file} --at {moment}"),
                None => "gostat record TARGET -o FILE makes a recording; gostat ps lists processes".into(),
            },
            TargetError::NeedsRecording { .. } => "gostat record makes one".into(),
            TargetError::NeedsProcess { option: "--freeze", .. } => {
                "say it when recording: gostat record TARGET --heap --freeze -o FILE".into()
            }
            TargetError::NeedsProcess { .. } => "give a pid or a name".into(),
            TargetError::NoSuchMoment { .. } => "gostat stat FILE shows all moments".into(),
        }
    }
}

/// Opens what a command is to look at; a recording at the moment that was asked for, or at its last one.
pub(crate) fn open(target: &str, moment: &Moment) -> anyhow::Result<Source> {
    let source = match recording(target)? {
        Some(path) => Source::Replay(Box::new(replay(path, target, moment.at.as_ref())?)),
        None => Source::Live(Box::new(live(target)?)),
    };
    if moment.at.is_some() {
        require_recording(&source, "--at", target)?;
    }
    remark_on_release(source.target());
    Ok(source)
}

/// Refuses an option that only a live process can serve.
pub(crate) fn require_live(source: &Source, option: &'static str, target: &str) -> Result<(), TargetError> {
    match source {
        Source::Live(_) => Ok(()),
        Source::Replay(_) => Err(TargetError::NeedsProcess { option, target: target.to_owned() }),
    }
}

/// Refuses an option that only a recording can serve.
pub(crate) fn require_recording(
    source: &Source,
    option: &'static str,
    target: &str,
) -> Result<(), TargetError> {
    match source {
        Source::Replay(_) => Ok(()),
        Source::Live(_) => Err(TargetError::NeedsRecording { option, target: target.to_owned() }),
    }
}

/// Opens a process.
pub(crate) fn live(target: &str) -> anyhow::Result<Session> {
    let process = match ProcessTable::default().find(target) {
        Err(FindError::NoneNamed { .. }) if Path::new(target).exists() => {
            return Err(TargetError::NotARecording { path: target.into() }.into());
        }
        // What recordings are called, with or without a moment of them, and what no process is called.
        Err(FindError::NoneNamed { .. }) if target.contains(".gostat") || target.contains('/') => {
            return Err(TargetError::NoSuchFile { target: target.to_owned() }.into());
        }
        found => found?,
    };
    Ok(Session::of(process)?)
}

/// The path of the recording that is meant, if it is one. A number always is a pid.
pub(crate) fn recording(target: &str) -> Result<Option<&Path>, TargetError> {
    let path = Path::new(target);
    if target.bytes().all(|byte| byte.is_ascii_digit()) || !Replay::is_recording(path) {
        return Ok(None);
    }
    // No process has a slash in its name.
    let named = || ProcessTable::default().find(target);
    if !target.contains('/') && matches!(named(), Ok(_) | Err(FindError::Ambiguous { .. })) {
        return Err(TargetError::Ambiguous { name: target.to_owned() });
    }
    Ok(Some(path))
}

/// Opens a recording at a moment.
pub(crate) fn replay(path: &Path, target: &str, at: Option<&At>) -> anyhow::Result<Replay> {
    let mut replay = Replay::open(path)?;
    if let Some(damage) = replay.damage() {
        remark_on_damage(path, damage, replay.moments().len());
    }
    if let Some(at) = at {
        let index = at.index_in(replay.moments()).ok_or_else(|| TargetError::NoSuchMoment {
            target: target.to_owned(),
            asked: at.to_string(),
            has: crate::arguments::extent(replay.moments()),
        })?;
        replay.choose(index)?;
    }
    if std::io::IsTerminal::is_terminal(&std::io::stderr()) && replay.moments().len() > 1 && at.is_none() {
        remark(&format!("{}: {}", path.display(), crate::arguments::extent(replay.moments())), None);
    }
    Ok(replay)
}
