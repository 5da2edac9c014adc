//! Rules for some processes: which they are for, and what is different for these.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use globset::{GlobBuilder, GlobMatcher};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Config;

/// A rule for some processes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TargetRule {
    /// Pattern of the process's name.
    pub name: Option<Pattern>,
    /// Pattern of the path of its main module.
    pub module: Option<Pattern>,
    /// Pattern of the name of the user that it runs as.
    pub user: Option<Pattern>,
    /// Pattern of the id of its container. Who is in none has the empty one.
    pub container: Option<Pattern>,
    /// Patterns of labels, by their names.
    pub labels: BTreeMap<String, Pattern>,
    /// Time between two looks.
    #[serde(with = "humantime_serde")]
    #[schemars(with = "Option<String>")]
    pub interval: Option<Duration>,
    /// What to look at.
    pub collect: Option<Collect>,
    /// Whether to search for leaks.
    pub leaks: Option<bool>,
}

/// What is looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Collect {
    /// Nothing.
    Off,
    /// States, wait reasons and the scheduler.
    Counts,
    /// These, and stacks.
    #[default]
    Stacks,
}

impl Collect {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Collect::Off => "off",
            Collect::Counts => "counts",
            Collect::Stacks => "stacks",
        }
    }
}

/// A text in which `*` stands for any text and `?` for any character.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct Pattern {
    text: String,
    matcher: GlobMatcher,
}

impl Pattern {
    fn matches(&self, text: &str) -> bool {
        self.matcher.is_match(text)
    }
}

impl TryFrom<String> for Pattern {
    type Error = globset::Error;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let matcher = GlobBuilder::new(&text).literal_separator(false).build()?.compile_matcher();
        Ok(Pattern { text, matcher })
    }
}

impl From<Pattern> for String {
    fn from(pattern: Pattern) -> String {
        pattern.text
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.text)
    }
}

/// What rules look at of a process.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selected {
    /// Its name.
    pub name: String,
    /// The path of its main module.
    pub module: Option<String>,
    /// The user that it runs as.
    pub user: Option<String>,
    /// The id of its container.
    pub container: Option<String>,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
}

/// How a process is to be watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Watched {
    /// Time between two looks.
    pub interval: Duration,
    /// What is looked at.
    pub collect: Collect,
    /// Whether it is searched for leaks.
    pub leaks: bool,
}

impl Config {
    /// How a process is to be watched, by the first rule that is for it.
    pub fn watched(&self, process: &Selected) -> Watched {
        let rule = self.targets.iter().find(|rule| rule.is_for(process));
        Watched {
            interval: rule.and_then(|rule| rule.interval).unwrap_or(self.interval),
            collect: rule.and_then(|rule| rule.collect).unwrap_or_default(),
            leaks: rule.and_then(|rule| rule.leaks).unwrap_or(true),
        }
    }
}

impl TargetRule {
    fn is_for(&self, process: &Selected) -> bool {
        let fits = |pattern: &Option<Pattern>, text: Option<&str>| {
            pattern.as_ref().is_none_or(|pattern| pattern.matches(text.unwrap_or_default()))
        };
        fits(&self.name, Some(&process.name))
            && fits(&self.module, process.module.as_deref())
            && fits(&self.user, process.user.as_deref())
            && fits(&self.container, process.container.as_deref())
            && self
                .labels
                .iter()
                .all(|(name, pattern)| process.labels.get(name).is_some_and(|value| pattern.matches(value)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn api() -> Selected {
        Selected {
            name: "api-server".into(),
            module: Some("example.com/shop/api".into()),
            user: Some("shop".into()),
            container: None,
            labels: [("service.name".to_owned(), "api".to_owned())].into(),
        }
    }

    fn watched(text: &str, process: &Selected) -> (u64, Collect) {
        let watched = Config::parse(text).unwrap().watched(process);
        (watched.interval.as_secs(), watched.collect)
    }

    #[test]
    fn the_first_rule_whose_patterns_all_match_decides() {
        let text = r#"
            interval = "7s"
            [[targets]]
            name = "api-*"
            user = "root"
            collect = "off"
            [[targets]]
            module = "example.com/*"
            labels = { "service.name" = "a?i" }
            interval = "1s"
            [[targets]]
            name = "*"
            collect = "counts"
        "#;
        assert_eq!(watched(text, &api()), (1, Collect::Stacks));
        let root = Selected { user: Some("root".into()), ..api() };
        assert_eq!(watched(text, &root), (7, Collect::Off));
        let other = Selected { name: "etcd".into(), ..Selected::default() };
        assert_eq!(watched(text, &other), (7, Collect::Counts));
    }

    #[test]
    fn containers_are_known_by_their_first_digits_and_none_by_the_empty_text() {
        let inside = Selected { container: Some("4f5e6a".into()), ..api() };
        let text = "[[targets]]\ncontainer = \"4f5e*\"\ncollect = \"off\"";
        assert_eq!(watched(text, &inside).1, Collect::Off);
        assert_eq!(watched(text, &api()).1, Collect::Stacks);
        let text = "[[targets]]\ncontainer = \"\"\ncollect = \"off\"";
        assert_eq!(watched(text, &inside).1, Collect::Stacks);
        assert_eq!(watched(text, &api()).1, Collect::Off);
    }
}
