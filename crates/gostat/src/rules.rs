//! The rules that say what goroutines are doing: ours, and those of a file that the user names.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use analysis::{Rules, RulesError};

/// A rule file is text that somebody wrote; what is larger is another file.
const BYTES_MAX: u64 = 4 << 20;

/// Why there are no rules.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RuleFileError {
    #[error("cannot read the rules in {}", path.display())]
    Unreadable {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("{} is larger than 4 MiB: that is no rule file", path.display())]
    TooLarge { path: PathBuf },
    #[error(transparent)]
    Wrong(#[from] RulesError),
}

impl RuleFileError {
    /// What the user can do about it, if anything.
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            RuleFileError::Wrong(error) => Some(error.hint()),
            RuleFileError::Unreadable { source, .. } if source.kind() == io::ErrorKind::InvalidData => {
                Some("a rule file is TOML in UTF-8".to_owned())
            }
            RuleFileError::Unreadable { .. } | RuleFileError::TooLarge { .. } => None,
        }
    }
}

/// The rules to go by: those in the file first, if there is one, then ours.
pub(crate) fn read(path: Option<&Path>) -> Result<Cow<'static, Rules>, RuleFileError> {
    let Some(path) = path else { return Ok(Cow::Borrowed(Rules::built_in())) };
    let unreadable = |source| RuleFileError::Unreadable { path: path.to_owned(), source };
    let mut text = String::new();
    let file = File::open(path).map_err(unreadable)?;
    let read = file.take(BYTES_MAX + 1).read_to_string(&mut text).map_err(unreadable)?;
    if read as u64 > BYTES_MAX {
        return Err(RuleFileError::TooLarge { path: path.to_owned() });
    }
    Ok(Cow::Owned(Rules::with_user(&path.display().to_string(), &text)?))
}
