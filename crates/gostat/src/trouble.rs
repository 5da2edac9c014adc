//! How a failure is told: one line of cause, one line of advice, exit status 2.

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use agent::ServiceError;
use agent::history::PastError;
use alerting::AlertingError;
use capture::{AttachError, CaptureError, ReplayError};
use linux_process::{FindError, ProcessError};
use recording::{Damage, DamageKind};
use snapshot::{LayoutSource, Printable, Target};

use crate::commands::agent::{AgentError, ConfigFileError};
use crate::commands::record::RecordError;
use crate::commands::top::TopError;
use crate::commands::why::WhyError;
use crate::notes::NoteError;
use crate::output::OutputError;
use crate::rules::RuleFileError;
use crate::target::TargetError;

/// Exit status for trouble.
const EXIT_TROUBLE: u8 = 2;

/// Whether it only means that whoever reads our output has seen enough, as `head` does.
pub(crate) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// Prints cause and hint on the standard error.
pub(crate) fn report(error: &anyhow::Error) -> ExitCode {
    // If even that fails there is nobody left to tell.
    let _ = io::stderr().lock().write_all(message(error).as_bytes());
    ExitCode::from(EXIT_TROUBLE)
}

/// Prints a remark on the standard error: something to know that is no failure.
pub(crate) fn remark(text: &str, hint: Option<&str>) {
    let _ = io::stderr().lock().write_all(lines(text, hint).as_bytes());
}

/// Says so if the release that built a target is unknown, and what its memory is read like.
pub(crate) fn remark_on_release(target: &Target) {
    if let LayoutSource::Nearest(release) = &target.layout {
        let version = &target.go_version;
        let text = format!("{version} is not known: it is read like {release}, which passed all checks");
        remark(&text, Some("a newer gostat may know it"));
    }
}

/// Says what is lost of a recording.
pub(crate) fn remark_on_damage(path: &Path, damage: &Damage, moments: usize) {
    let (what, hint) = match damage.kind {
        DamageKind::Cut => ("ends within a moment", "the recorder was stopped, or is still at work"),
        DamageKind::Changed => ("is damaged", "moments behind the damage cannot be read"),
    };
    let Damage { good_bytes, lost_bytes, .. } = damage;
    let text = format!(
        "{} {what}: the last {lost_bytes} bytes of {} are lost; {moments} moments before are whole",
        path.display(),
        good_bytes + lost_bytes
    );
    remark(&text, Some(hint));
}

fn message(error: &anyhow::Error) -> String {
    lines(&cause(error), advice(error).as_deref())
}

fn lines(cause: &str, hint: Option<&str>) -> String {
    // Names of processes and files are in there: they must not break the line or drive the terminal.
    let mut text = format!("gostat: {}\n", Printable(cause));
    if let Some(hint) = hint {
        text.push_str(&format!("hint: {}\n", Printable(hint)));
    }
    text
}

/// The whole chain of causes on one line, without repetitions: many errors show their source themselves.
fn cause(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain() {
        let part = cause.to_string();
        if text.is_empty() {
            text = part;
        } else if !text.contains(&part) {
            text.push_str(": ");
            text.push_str(&part);
        }
    }
    text
}

/// The advice of the first error in the chain that has some.
pub(crate) fn advice(error: &anyhow::Error) -> Option<String> {
    error.chain().find_map(|cause| {
        if let Some(error) = cause.downcast_ref::<FindError>() {
            return error.hint();
        }
        if let Some(error) = cause.downcast_ref::<ProcessError>() {
            return error.hint();
        }
        if let Some(error) = cause.downcast_ref::<AttachError>() {
            return error.hint();
        }
        if let Some(error) = cause.downcast_ref::<CaptureError>() {
            return error.hint();
        }
        if let Some(error) = cause.downcast_ref::<RuleFileError>() {
            return error.hint();
        }
        if let Some(error) = cause.downcast_ref::<WhyError>() {
            return Some(error.hint());
        }
        if let Some(error) = cause.downcast_ref::<TopError>() {
            return error.hint();
        }
        if let Some(error) = cause.downcast_ref::<ConfigFileError>() {
            return error.hint();
        }
        if let Some(error) = cause.downcast_ref::<AgentError>() {
            return error.hint();
        }
        if cause.downcast_ref::<AlertingError>().is_some() {
            return Some("docs/alerts.md has the keys of receivers".to_owned());
        }
        if let Some(error) = cause.downcast_ref::<ServiceError>() {
            return error.hint();
        }
        if let Some(error) = cause.downcast_ref::<TargetError>() {
            return Some(error.hint());
        }
        if let Some(error) = cause.downcast_ref::<ReplayError>() {
            return error.hint().map(str::to_owned);
        }
        if let Some(error) = cause.downcast_ref::<NoteError>() {
            return error.hint();
        }
        if let Some(error) = cause.downcast_ref::<RecordError>() {
            return error.hint();
        }
        if let Some(error) = cause.downcast_ref::<PastError>() {
            return error.hint();
        }
        cause.downcast_ref::<OutputError>()?.hint()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::anyhow;

    #[test]
    fn cause_and_hint() {
        let error = ProcessError::Thread { tid: 5, pid: 4 };
        assert_eq!(
            message(&error.into()),
            "gostat: 5 is a thread of process 4\nhint: use the pid of the process: 4\n"
        );
    }

    #[test]
    fn chains_are_one_line_without_repetition() {
        let error = anyhow!("permission denied").context("cannot read x: permission denied").context("outer");
        assert_eq!(message(&error), "gostat: outer: cannot read x: permission denied\n");
    }

    #[test]
    fn names_cannot_forge_lines() {
        let error = FindError::NoneNamed { name: "x\nhint: \u{1b}[2J".into(), similar: Vec::new() };
        let text = message(&error.into());
        assert_eq!(text.lines().count(), 2);
        assert!(!text.contains('\u{1b}'));
    }

    #[test]
    fn broken_pipes_are_found_in_the_chain() {
        let pipe = || io::Error::from(io::ErrorKind::BrokenPipe);
        assert!(is_broken_pipe(&pipe().into()));
        assert!(is_broken_pipe(&OutputError::Standard(pipe()).into()));
        assert!(!is_broken_pipe(&io::Error::from(io::ErrorKind::StorageFull).into()));
    }
}
