//! Silences: findings that somebody knows of and does not want to be told of until a time.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Findings whose labels match are not delivered until a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Silence {
    /// Its number, given when it is added.
    #[serde(default)]
    pub id: u64,
    /// All of these have to match; at least one.
    pub matchers: Vec<Matcher>,
    /// When it ends, Unix milliseconds.
    pub ends_unix_ms: u64,
    /// Why.
    pub comment: String,
    /// Who made it.
    #[serde(default)]
    pub author: String,
}

/// A condition on one label: `service is checkout*`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Matcher {
    /// The label: `finding`, `kind`, `service`, `environment`, `package`, `route`, `pool`, `severity`.
    pub label: String,
    /// What it has to be; `*` stands for anything. A label that is not there is an empty text.
    pub pattern: String,
    /// Whether it must not be that.
    #[serde(default)]
    pub negated: bool,
}

impl Silence {
    /// Whether it keeps a finding with these labels quiet at a time.
    pub fn applies(&self, labels: &[(&str, String)], now_unix_ms: u64) -> bool {
        let matches = |matcher: &Matcher| {
            let value = labels.iter().find(|(name, _)| *name == matcher.label).map_or("", |(_, value)| value);
            matches_pattern(&matcher.pattern, value) != matcher.negated
        };
        now_unix_ms < self.ends_unix_ms && !self.matchers.is_empty() && self.matchers.iter().all(matches)
    }
}

/// Whether a text is what a pattern says, in which `*` stands for any text. Takes time linear in both for each `*`.
pub(crate) fn matches_pattern(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let Some(last) = pattern.rsplit_once('*').map(|(_, last)| last) else { return rest.is_empty() };
    let middle = pattern.matches('*').count() - 1;
    for part in parts.take(middle) {
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_in_a_shell() {
        for (pattern, text, expected) in [
            ("checkout", "checkout", true),
            ("checkout", "checkout2", false),
            ("check*", "checkout", true),
            ("*out", "checkout", true),
            ("*", "", true),
            ("", "", true),
            ("", "x", false),
            ("a*b*c", "aXbYc", true),
            ("a*b*c", "aXcYb", false),
            ("ab*ba", "aba", false),
            ("*pay*", "/api/pay/1", true),
            ("**", "x", true),
        ] {
            assert_eq!(matches_pattern(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn all_matchers_have_to_hold_until_the_end() {
        let matcher = |label: &str, pattern: &str, negated| Matcher {
            label: label.to_owned(),
            pattern: pattern.to_owned(),
            negated,
        };
        let silence = Silence {
            id: 1,
            matchers: vec![matcher("service", "check*", false), matcher("severity", "critical", true)],
            ends_unix_ms: 100,
            comment: String::new(),
            author: String::new(),
        };
        let labels =
            |severity: &str| vec![("service", "checkout".to_owned()), ("severity", severity.to_owned())];
        assert!(silence.applies(&labels("warning"), 99));
        assert!(!silence.applies(&labels("warning"), 100));
        assert!(!silence.applies(&labels("critical"), 99));
        assert!(!Silence { matchers: Vec::new(), ..silence }.applies(&labels("warning"), 1));
    }
}
