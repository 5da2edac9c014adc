//! What goroutines are doing, in words: by rules that are data.
//!
//! ```text
//! rules.toml (ours) + a file of the user ──Rules::parse()──> Rules ──Meanings::new(snapshot)──> of(goroutine)
//!                                                                                                    │
//!                                    Understanding: rule (name, title, risk, advice, healthy), owner, route, pool
//! ```
//!
//! `docs/meanings.md` documents the files.

mod conditions;
mod situation;
mod decide;
mod derive;
mod function_patterns;
mod rule_file;
mod rule_file_error;

use std::sync::{Arc, LazyLock};

pub use decide::{CohortMeanings, Meanings, Understanding};
pub use rule_file_error::{RulesError, RulesErrorKind};

use conditions::Conditions;
use derive::Derivations;
pub(crate) use derive::is_standard;
use function_patterns::FunctionPatterns;

/// How likely it is that a goroutine which does this is, or causes, trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Risk {
    /// Normal at any number.
    Low,
    /// Worth a look if there are many, or for long.
    Medium,
    /// A sign of trouble if it lasts.
    High,
}

impl Risk {
    /// The word for it, as in rule files and outputs.
    pub fn name(self) -> &'static str {
        match self {
            Risk::Low => "low",
            Risk::Medium => "medium",
            Risk::High => "high",
        }
    }
}

/// What goroutines that meet certain conditions are doing.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Rule {
    /// A name for filters and alerts: `DB_ACQUIRE`. Several rules may have the same.
    pub name: String,
    /// The same in words, continuing "the goroutine": `waits for a free database connection`.
    pub title: String,
    /// How likely this is trouble.
    pub risk: Risk,
    /// What to do if there are many of them, in one sentence.
    pub advice: String,
    /// Why this is as it should be, however long it lasts; `None` where nothing says so.
    pub healthy: Option<String>,
    conditions: Conditions,
}

/// Rules, compiled. The first one that a goroutine meets says what it is doing.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    rules: Vec<Arc<Rule>>,
    derivations: Derivations,
    patterns: FunctionPatterns,
}

/// Our rules, as text.
const BUILT_IN: &str = include_str!("rules.toml");

impl Rules {
    /// Our rules alone.
    pub fn built_in() -> &'static Rules {
        // A test reads them; a mistake in them cannot get further than that.
        static RULES: LazyLock<Rules> =
            LazyLock::new(|| Rules::read(&[("built in", BUILT_IN)]).unwrap_or_default());
        &RULES
    }

    /// The rules of a user's file in front of ours: the first that fits wins. `file` is its name, for messages.
    ///
    /// # Errors
    /// When the text is not such a file; the error says where, in which rule, and what to do.
    pub fn with_user(file: &str, text: &str) -> Result<Rules, RulesError> {
        Rules::read(&[(file, text), ("built in", BUILT_IN)])
    }

    /// The rules, in the order in which they are tried.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter().map(|rule| &**rule)
    }

    fn read(files: &[(&str, &str)]) -> Result<Rules, RulesError> {
        let mut rules = Rules::default();
        for (file, text) in files {
            rule_file::read(file, text, &mut rules)?;
        }
        rules.patterns.compile();
        Ok(rules)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_rules_are_understood_and_say_what_to_do() {
        let rules = Rules::read(&[("built in", BUILT_IN)]).unwrap();
        assert!(rules.rules().count() > 80);
        for rule in rules.rules() {
            let is_name =
                rule.name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
            assert!(is_name && !rule.name.is_empty(), "{rule:?}");
            assert!(rule.title.len() > 5 && !rule.title.ends_with('.'), "{rule:?}");
            assert!(rule.advice.ends_with('.') && rule.advice.len() > 10, "{rule:?}");
            assert!(rule.healthy.is_none() || rule.risk == Risk::Low, "what is healthy is no risk: {rule:?}");
        }
        assert_eq!(Rules::built_in().rules().count(), rules.rules().count());
    }
}
