//! What a running agent says of targets and findings, and switching targets.

use anyhow::Result;
use report::{Align, Table, short_duration};
use serde_json::Value;
use snapshot::Printable;

use super::asking::{AgentError, ask};
use crate::arguments::RunningAgent;
use crate::output::deliver;

/// Lists targets.
pub(super) fn targets(running: &RunningAgent, json: bool) -> Result<()> {
    let answer = ask(running, "GET", "/api/v1/targets", None)?;
    if json {
        return Ok(deliver(None, |out| writeln!(out, "{answer:#}"))?);
    }
    let mut table = Table::new(&[
        ("ID", Align::Left),
        ("GOROUTINES", Align::Right),
        ("COLLECT", Align::Left),
        ("EVERY", Align::Right),
        ("BREAKER", Align::Left),
        ("LOOKS", Align::Right),
        ("FAILED", Align::Right),
        ("GO", Align::Left),
        ("NAME", Align::Left),
        ("MODULE", Align::Left),
    ]);
    for target in list(&answer, "targets") {
        let text = |key: &str| target[key].as_str().unwrap_or("-").to_owned();
        let number = |key: &str| target[key].as_u64().map_or_else(|| "?".to_owned(), |n| n.to_string());
        table.row([
            text("id"),
            number("goroutines"),
            text("collect"),
            target["interval_ms"].as_u64().map(short_duration).unwrap_or_default(),
            text("breaker"),
            number("looks"),
            number("failed"),
            text("go_version"),
            text("name"),
            text("module"),
        ]);
    }
    Ok(deliver(None, |mut out| table.write(&mut out))?)
}

/// Lists findings, those that fire first.
pub(super) fn findings(running: &RunningAgent, json: bool) -> Result<()> {
    let answer = ask(running, "GET", "/api/v1/findings", None)?;
    if json {
        return Ok(deliver(None, |out| writeln!(out, "{answer:#}"))?);
    }
    let mut found: Vec<&Value> = list(&answer, "findings").collect();
    let order = ["firing", "pending", "resolved"];
    found.sort_by_key(|finding| order.iter().position(|state| finding["state"] == *state));
    Ok(deliver(None, |out| {
        for finding in &found {
            let text = |key: &str| finding[key].as_str().unwrap_or("-");
            let head = format!("{} {} {} {}", text("state"), text("severity"), text("service"), text("id"));
            writeln!(out, "{}: {}", Printable(&head), Printable(text("sentence")))?;
            for cause in finding["causes"].as_array().into_iter().flatten() {
                let part = |key: &str| cause[key].as_str().unwrap_or("?");
                let place = format!("{} ({}:{})", part("function"), part("file"), cause["line"]);
                writeln!(out, "    {} at {}", cause["count"], Printable(&place))?;
            }
            if let Some(fix) = finding["fix"].as_str() {
                writeln!(out, "    fix: {}", Printable(fix))?;
            }
        }
        if found.is_empty() { writeln!(out, "the agent knows of nothing that is wrong") } else { Ok(()) }
    })?)
}

/// Switches the targets with an id or pid on or off.
pub(super) fn switch(running: &RunningAgent, wanted: &str, action: &str) -> Result<()> {
    let answer = ask(running, "GET", "/api/v1/targets", None)?;
    let of_it = |target: &&Value| {
        target["id"].as_str() == Some(wanted)
            || target["pid"].as_u64().is_some_and(|pid| pid.to_string() == wanted)
    };
    let ids: Vec<String> = list(&answer, "targets")
        .filter(of_it)
        .filter_map(|target| Some(target["id"].as_str()?.to_owned()))
        .collect();
    if ids.is_empty() {
        let (agent, target) = (running.agent.clone(), wanted.to_owned());
        return Err(AgentError::NoSuchTarget { agent, target }.into());
    }
    for id in ids {
        ask(running, "POST", &format!("/api/v1/targets/{id}/{action}"), None)?;
        deliver(None, |out| writeln!(out, "{id}: {action}d"))?;
    }
    Ok(())
}

pub(super) fn list<'a>(answer: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    answer.get(key).and_then(Value::as_array).into_iter().flatten()
}
