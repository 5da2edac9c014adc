//! Reading rule files.

use std::sync::Arc;

use toml::{Table, Value};

use super::conditions::{Conditions, ObjectKinds};
use super::function_patterns::PatternId;
use super::rule_file_error::{RulesError, RulesErrorKind};
use super::{Risk, Rule, Rules};
use snapshot::Status;

const FILE_KEYS: &[&str] = &["rule", "labels", "handler_callers", "rpc_methods", "libraries", "pool"];
const RULE_KEYS: &[&str] = &[
    "name",
    "title",
    "risk",
    "advice",
    "healthy",
    "reasons",
    "statuses",
    "waits_on",
    "functions",
    "innermost",
    "caller",
    "entry",
    "creator",
    "without",
    "runtime",
];
const LABEL_KEYS: &[&str] = &["route", "pool"];
const POOL_KEYS: &[&str] = &["name", "functions"];

/// Adds what a file says to `rules`, behind what is there.
pub(super) fn read(file: &str, text: &str, rules: &mut Rules) -> Result<(), RulesError> {
    let table: Table = toml::from_str(text).map_err(|error| RulesError {
        file: file.to_owned(),
        line: error.span().map(|span| line_of(text, span.start)),
        rule: None,
        kind: RulesErrorKind::Syntax { message: error.message().to_owned() },
    })?;
    let mut reader = Reader { file, rule: None };
    reader.check_keys(&table, FILE_KEYS)?;
    for (number, entry) in reader.tables(&table, "rule")?.into_iter().enumerate() {
        reader.rule = Some(match entry.get("name").and_then(Value::as_str) {
            Some(name) => format!("rule {} ({name})", number + 1),
            None => format!("rule {}", number + 1),
        });
        let rule = reader.rule(entry, rules)?;
        rules.rules.push(Arc::new(rule));
    }
    reader.rule = None;
    reader.derivations(&table, rules)
}

fn line_of(text: &str, offset: usize) -> usize {
    text.get(..offset).unwrap_or_default().matches('\n').count() + 1
}

struct Reader<'a> {
    file: &'a str,
    /// The rule that is being read, for messages.
    rule: Option<String>,
}

type Read<T> = Result<T, RulesError>;

impl Reader<'_> {
    fn rule(&self, entry: &Table, rules: &mut Rules) -> Read<Rule> {
        self.check_keys(entry, RULE_KEYS)?;
        let mut patterns = |key| self.patterns(entry, key, rules);
        let (functions, innermost) = (patterns("functions")?, patterns("innermost")?);
        let (entries, creator) = (patterns("entry")?, patterns("creator")?);
        let (caller, without) = (patterns("caller")?, patterns("without")?);
        let conditions = Conditions {
            reasons: self.texts(entry, "reasons")?,
            statuses: self.statuses(entry)?,
            waits_on: self.object_kinds(entry)?,
            functions,
            innermost,
            caller,
            entry: entries,
            creator,
            without,
            runtime: self.boolean(entry, "runtime")?,
        };
        if conditions.are_none() {
            return Err(self.error(RulesErrorKind::NoConditions));
        }
        Ok(Rule {
            name: self.required(entry, "name")?,
            title: self.required(entry, "title")?,
            risk: self.risk(entry)?,
            advice: self.required(entry, "advice")?,
            healthy: self.text(entry, "healthy")?,
            conditions,
        })
    }

    /// Where owners, routes and pools come from.
    fn derivations(&self, table: &Table, rules: &mut Rules) -> Read<()> {
        if let Some(labels) = table.get("labels") {
            let expected = "a table: [labels]";
            let labels = labels.as_table().ok_or_else(|| self.bad("labels", labels, expected))?;
            self.check_keys(labels, LABEL_KEYS)?;
            rules.derivations.route_labels.extend(self.texts(labels, "route")?);
            rules.derivations.pool_labels.extend(self.texts(labels, "pool")?);
        }
        let callers = self.patterns(table, "handler_callers", rules)?;
        rules.derivations.handler_callers.extend(callers);
        let libraries = self.patterns(table, "libraries", rules)?;
        rules.derivations.libraries.extend(libraries);
        for pattern in self.texts(table, "rpc_methods")? {
            let compiled = regex::RegexBuilder::new(&pattern).size_limit(PATTERN_BYTES_MAX).build();
            let compiled = compiled.map_err(|error| self.bad_pattern(&pattern, &error))?;
            rules.derivations.rpc_methods.push(compiled);
        }
        for pool in self.tables(table, "pool")? {
            self.check_keys(pool, POOL_KEYS)?;
            let functions = self.patterns(pool, "functions", rules)?;
            rules.derivations.pools.push((self.required(pool, "name")?, functions));
        }
        Ok(())
    }

    fn patterns(&self, table: &Table, key: &'static str, rules: &mut Rules) -> Read<Vec<PatternId>> {
        self.texts(table, key)?
            .iter()
            .map(|text| {
                rules
                    .patterns
                    .add(text)
                    .map_err(|error| self.bad_pattern(text.trim_start_matches('~'), &error))
            })
            .collect()
    }

    fn statuses(&self, table: &Table) -> Read<Vec<Status>> {
        let status = |name: &String| {
            let known = Status::ALL.into_iter().find(|status| status.name() == name);
            known.ok_or_else(|| {
                self.bad_text("statuses", name, "a status such as waiting, syscall or running")
            })
        };
        self.texts(table, "statuses")?.iter().map(status).collect()
    }

    fn object_kinds(&self, table: &Table) -> Read<ObjectKinds> {
        let mut kinds = ObjectKinds::default();
        for name in self.texts(table, "waits_on")? {
            let kind = ObjectKinds::named(&name);
            kinds.add(kind.ok_or_else(|| self.bad_text("waits_on", &name, ObjectKinds::EXPECTED))?);
        }
        Ok(kinds)
    }

    fn risk(&self, table: &Table) -> Read<Risk> {
        let risk = self.required(table, "risk")?;
        let known = [Risk::Low, Risk::Medium, Risk::High].into_iter().find(|known| known.name() == risk);
        known.ok_or_else(|| self.bad_text("risk", &risk, "one of low, medium, high"))
    }

    fn tables<'t>(&self, table: &'t Table, key: &'static str) -> Read<Vec<&'t Table>> {
        let Some(value) = table.get(key) else { return Ok(Vec::new()) };
        let list = value.as_array().and_then(|list| list.iter().map(Value::as_table).collect());
        list.ok_or_else(|| self.bad(key, value, "a list of tables: [[rule]], [[pool]]"))
    }

    fn required(&self, table: &Table, key: &'static str) -> Read<String> {
        self.text(table, key)?.ok_or_else(|| self.error(RulesErrorKind::Missing { key }))
    }

    fn text(&self, table: &Table, key: &'static str) -> Read<Option<String>> {
        let Some(value) = table.get(key) else { return Ok(None) };
        match value.as_str() {
            Some(text) if !text.is_empty() => Ok(Some(text.to_owned())),
            _ => Err(self.bad(key, value, "a text in quotes that is not empty")),
        }
    }

    fn texts(&self, table: &Table, key: &'static str) -> Read<Vec<String>> {
        let Some(value) = table.get(key) else { return Ok(Vec::new()) };
        let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        let list = value.as_array().and_then(|list| list.iter().map(text).collect());
        list.ok_or_else(|| self.bad(key, value, "a list of texts: [\"…\", \"…\"]"))
    }

    fn boolean(&self, table: &Table, key: &'static str) -> Read<Option<bool>> {
        let Some(value) = table.get(key) else { return Ok(None) };
        value.as_bool().map(Some).ok_or_else(|| self.bad(key, value, "true or false"))
    }

    fn check_keys(&self, table: &Table, known: &'static [&'static str]) -> Read<()> {
        match table.keys().find(|key| !known.contains(&key.as_str())) {
            Some(key) => Err(self.error(RulesErrorKind::UnknownKey { key: key.clone(), known })),
            None => Ok(()),
        }
    }

    fn bad(&self, key: &'static str, value: &Value, expected: &'static str) -> RulesError {
        let written = match value {
            Value::String(text) => text.clone(),
            Value::Integer(number) => number.to_string(),
            Value::Boolean(value) => value.to_string(),
            other => format!("this {}", other.type_str()),
        };
        self.bad_text(key, &written, expected)
    }

    fn bad_text(&self, key: &'static str, value: &str, expected: &'static str) -> RulesError {
        // One line, however long the value is.
        let value = value.chars().take(60).collect();
        self.error(RulesErrorKind::BadValue { key, value, expected })
    }

    fn bad_pattern(&self, pattern: &str, error: &regex::Error) -> RulesError {
        let message = crate::filter::last_line(error);
        self.error(RulesErrorKind::BadPattern { pattern: pattern.to_owned(), message })
    }

    fn error(&self, kind: RulesErrorKind) -> RulesError {
        RulesError { file: self.file.to_owned(), line: None, rule: self.rule.clone(), kind }
    }
}

/// Memory that one regular expression may take, bytes.
pub(super) const PATTERN_BYTES_MAX: usize = 1 << 20;
