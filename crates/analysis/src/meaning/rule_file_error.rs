//! What can be wrong with a rule file.

/// Why a rule file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}{}{}: {kind}", line.map(|n| format!(", line {n}")).unwrap_or_default(), rule.as_ref().map(|r| format!(", {r}")).unwrap_or_default())]
pub struct RulesError {
    /// The file, as it was called.
    pub file: String,
    /// The line, from 1, if known.
    pub line: Option<usize>,
    /// Which rule: its name, or its number from 1.
    pub rule: Option<String>,
    /// What is wrong.
    pub kind: RulesErrorKind,
}

/// Kinds of mistakes in rule files.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RulesErrorKind {
    /// Not TOML.
    #[error("{message}")]
    Syntax {
        /// What the reader of TOML says.
        message: String,
    },
    /// A key that nothing knows.
    #[error("unknown key `{key}`")]
    UnknownKey {
        /// The key.
        key: String,
        /// The keys that there are.
        known: &'static [&'static str],
    },
    /// A key that must be there.
    #[error("`{key}` is missing")]
    Missing {
        /// The key.
        key: &'static str,
    },
    /// A value that its key cannot have.
    #[error("`{key}`: `{value}` is not {expected}")]
    BadValue {
        /// The key.
        key: &'static str,
        /// What was written.
        value: String,
        /// What is needed.
        expected: &'static str,
    },
    /// Not a regular expression.
    #[error("bad regular expression `{pattern}`: {message}")]
    BadPattern {
        /// What was written, without the `~`.
        pattern: String,
        /// What is wrong with it.
        message: String,
    },
    /// A rule that every goroutine meets would hide all others.
    #[error("the rule has no conditions")]
    NoConditions,
}

impl RulesError {
    /// What to do about it.
    pub fn hint(&self) -> String {
        match &self.kind {
            RulesErrorKind::Syntax { .. } => "the file is TOML: see docs/meanings.md".to_owned(),
            RulesErrorKind::UnknownKey { known, .. } => format!("keys are {}", known.join(", ")),
            RulesErrorKind::Missing { key } => format!("add `{key} = …`: see docs/meanings.md"),
            RulesErrorKind::BadValue { expected, .. } => format!("write {expected}"),
            RulesErrorKind::BadPattern { .. } => {
                "a name that begins with `~` is a regular expression; leave the `~` out for an exact name".to_owned()
            }
            RulesErrorKind::NoConditions => {
                "add at least one of reasons, statuses, waits_on, functions, innermost, caller, entry, creator, runtime"
                    .to_owned()
            }
        }
    }
}
