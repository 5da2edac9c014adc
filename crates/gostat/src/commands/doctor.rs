//! `gostat doctor`: what this machine and user may do, found out by trying, and how to get more.

mod facts;
mod memory;
mod surroundings;
mod tracing;

use serde_json::{Value, json};

use crate::arguments::DoctorOptions;
use crate::output::deliver;
use facts::Facts;

/// The result of one examination.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Examination {
    /// What was examined, for programs.
    name: &'static str,
    /// The same for people.
    title: &'static str,
    ability: Ability,
    /// What was found.
    finding: String,
    /// How to get more, if there is more.
    hint: Option<String>,
}

/// How much is possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ability {
    Full,
    Limited,
    None,
}

impl Ability {
    fn name(self) -> &'static str {
        match self {
            Ability::Full => "ok",
            Ability::Limited => "limited",
            Ability::None => "no",
        }
    }
}

/// Runs `gostat doctor`.
pub(crate) fn run(options: &DoctorOptions) -> anyhow::Result<()> {
    let examinations = examine(&Facts::gather());
    let text = if options.json { format!("{}\n", as_json(&examinations)) } else { as_text(&examinations) };
    Ok(deliver(None, |writer| writer.write_all(text.as_bytes()))?)
}

fn examine(facts: &Facts) -> Vec<Examination> {
    vec![
        surroundings::kernel(facts),
        surroundings::user(facts),
        surroundings::processes(facts),
        memory::reading(facts),
        tracing::perf_events(facts),
        tracing::bpf(facts),
        surroundings::cgroups(facts),
        surroundings::container(facts),
    ]
}

fn as_text(examinations: &[Examination]) -> String {
    let width = examinations.iter().map(|examination| examination.title.len()).max().unwrap_or(0);
    let mut text = String::new();
    for Examination { title, ability, finding, hint, .. } in examinations {
        text.push_str(&format!("{:<7}  {title:<width$}  {}\n", ability.name(), snapshot::Printable(finding)));
        if let Some(hint) = hint {
            text.push_str(&format!("{:<7}  {:<width$}  hint: {}\n", "", "", snapshot::Printable(hint)));
        }
    }
    text
}

fn as_json(examinations: &[Examination]) -> Value {
    let checks: Vec<Value> = examinations
        .iter()
        .map(|Examination { name, ability, finding, hint, .. }| {
            json!({"name": name, "ability": ability.name(), "finding": finding, "hint": hint})
        })
        .collect();
    json!({ "checks": checks })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_aligned_and_hints_follow() {
        let examination = |title, ability, hint: Option<&str>| Examination {
            name: "x",
            title,
            ability,
            finding: "found".into(),
            hint: hint.map(str::to_owned),
        };
        let text = as_text(&[
            examination("long title", Ability::Full, None),
            examination("short", Ability::None, Some("do it")),
        ]);
        assert_eq!(
            text,
            "ok       long title  found\nno       short       found\n                     hint: do it\n"
        );
    }

    #[test]
    fn every_examination_has_its_own_name() {
        let examinations = examine(&Facts::gather());
        let names: std::collections::HashSet<_> = examinations.iter().map(|e| e.name).collect();
        assert_eq!(names.len(), examinations.len());
    }
}
