//! Reading a configuration, and saying what is wrong with it: where, and what was probably meant.

use std::fmt;
use std::time::Duration;

use serde_json::Value;
use toml::de::{DeTable, DeValue};

use super::{Budget, Config};

/// Keys that differ more than so are not what was meant.
const SIMILARITY_MIN: f64 = 0.75;
/// Shorter intervals would keep the agent busy with itself.
const INTERVAL_MIN: Duration = Duration::from_millis(100);

/// What is wrong with a configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ConfigError {
    /// The line, counted from 1, if it is about one.
    pub line: Option<usize>,
    /// What is wrong there.
    pub problem: String,
    /// What may help.
    pub hint: Option<String>,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.problem),
            None => f.write_str(&self.problem),
        }
    }
}

pub(super) fn parse(text: &str) -> Result<Config, ConfigError> {
    let line_at = |offset: usize| text.get(..offset).map(|before| before.matches('\n').count() + 1);
    let malformed = |error: toml::de::Error| ConfigError {
        line: error.span().and_then(|span| line_at(span.start)),
        problem: error.message().trim().to_owned(),
        hint: None,
    };
    let table = DeTable::parse(text).map_err(malformed)?;
    let schema = schemars::schema_for!(Config).to_value();
    if let Some(unknown) = unknown_key(&schema, &schema, table.get_ref()) {
        return Err(ConfigError {
            line: line_at(unknown.offset),
            problem: unknown.problem,
            hint: unknown.hint,
        });
    }
    let config: Config = toml::from_str(text).map_err(malformed)?;
    match impossible(&config) {
        Some((problem, hint)) => Err(ConfigError { line: None, problem, hint: Some(hint) }),
        None => Ok(config),
    }
}

/// A key that there is not.
struct Unknown {
    offset: usize,
    problem: String,
    hint: Option<String>,
}

fn unknown_key(root: &Value, schema: &Value, table: &DeTable<'_>) -> Option<Unknown> {
    let known = resolve(root, schema)["properties"].as_object()?;
    for (key, value) in table {
        let name = key.get_ref().as_ref();
        let Some(below) = known.get(name) else {
            let nearest = known
                .keys()
                .map(|known| (strsim::jaro_winkler(known, name), known))
                .filter(|(similarity, _)| *similarity >= SIMILARITY_MIN)
                .max_by(|(a, _), (b, _)| a.total_cmp(b));
            let all = || known.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
            return Some(Unknown {
                offset: key.span().start,
                problem: format!("there is no key {name:?} here"),
                hint: Some(nearest.map_or_else(
                    || format!("the keys here are {}", all()),
                    |(_, nearest)| format!("did you mean {nearest:?}?"),
                )),
            });
        };
        let inside = match value.get_ref() {
            DeValue::Table(table) => unknown_key(root, below, table),
            DeValue::Array(list) => {
                let items = &resolve(root, below)["items"];
                list.iter().find_map(|item| match item.get_ref() {
                    DeValue::Table(table) => unknown_key(root, items, table),
                    _ => None,
                })
            }
            _ => None,
        };
        if inside.is_some() {
            return inside;
        }
    }
    None
}

/// The schema that a reference leads to.
pub(super) fn resolve<'s>(root: &'s Value, schema: &'s Value) -> &'s Value {
    let path = schema["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
    path.and_then(|path| root.pointer(path)).unwrap_or(schema)
}

/// What no type says: values that nothing can be done with.
fn impossible(config: &Config) -> Option<(String, String)> {
    let intervals = [("interval", config.interval), ("discovery.every", config.discovery.every)];
    let of_rules = config.targets.iter().filter_map(|rule| Some(("targets.interval", rule.interval?)));
    if let Some((key, value)) = intervals.into_iter().chain(of_rules).find(|(_, time)| *time < INTERVAL_MIN) {
        return Some((
            format!("{key} is {value:?}"),
            format!("the shortest time that makes sense is {INTERVAL_MIN:?}"),
        ));
    }
    if config.budget.interval_max < config.interval {
        return Some((
            format!(
                "budget.interval_max ({:?}) is shorter than interval ({:?})",
                config.budget.interval_max, config.interval
            ),
            "looks can only become rarer".to_owned(),
        ));
    }
    let Budget { cpu_percent, live_cpu_percent, .. } = config.budget;
    for (key, share, default) in [("cpu_percent", cpu_percent, 2), ("live_cpu_percent", live_cpu_percent, 25)]
    {
        if !(share > 0.0 && share.is_finite()) {
            return Some((
                format!("budget.{key} is {share}"),
                format!("it is a share of one processor, above 0; {default} is the default"),
            ));
        }
    }
    if let Err(error) = config.alerts.check() {
        return Some((error.to_string(), "docs/alerts.md has the keys of receivers".to_owned()));
    }
    let share = config.breaker.error_percent;
    if !(0.0..=100.0).contains(&share) {
        return Some((
            format!("breaker.error_percent is {share}"),
            "it is a share of looks, 0 to 100".to_owned(),
        ));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> ConfigError {
        parse(text).unwrap_err()
    }

    #[test]
    fn nothing_is_a_good_configuration() {
        assert_eq!(parse(""), Ok(Config::default()));
    }

    #[test]
    fn a_misspelt_key_is_named_with_its_line_and_what_was_meant() {
        let found = error("interval = \"1s\"\n\n[budget]\ncpu_percents = 3\n");
        assert_eq!(found.line, Some(4));
        assert_eq!(found.problem, "there is no key \"cpu_percents\" here");
        assert_eq!(found.hint.unwrap(), "did you mean \"cpu_percent\"?");
        let found = error("[[targets]]\nname = \"a\"\n[[targets]]\nmodul = \"b\"\n");
        assert_eq!((found.line, found.hint.unwrap().as_str()), (Some(4), "did you mean \"module\"?"));
        let found = error("zzz = 1\n");
        assert!(found.hint.unwrap().starts_with("the keys here are listen, http, state_directory, "));
    }

    #[test]
    fn values_of_the_wrong_kind_are_named_with_their_line() {
        for (text, line) in [
            ("interval = 5\n", 1),
            ("interval = \"soon\"\n", 1),
            ("\nlisten = \"here\"\n", 2),
            ("[budget]\nmemory_mib = -1\n", 2),
            ("[[targets]]\ncollect = \"all\"\n", 2),
            ("[[targets]]\nname = \"[\"\n", 2),
            ("interval = \n", 1),
            ("interval = \"1s\"\ninterval = \"2s\"\n", 2),
        ] {
            let found = error(text);
            assert_eq!(found.line, Some(line), "{text:?}: {found}");
        }
    }

    #[test]
    fn what_nothing_can_be_done_with_is_refused() {
        for text in [
            "interval = \"1ms\"",
            "interval = \"2m\"",
            "[budget]\ncpu_percent = 0.0",
            "[budget]\ncpu_percent = nan",
            "[budget]\nlive_cpu_percent = -1.0",
            "[breaker]\nerror_percent = 101.0",
            "[[targets]]\ninterval = \"0s\"",
        ] {
            let found = error(text);
            assert!(found.hint.is_some() && found.line.is_none(), "{text:?}: {found}");
        }
    }
}
