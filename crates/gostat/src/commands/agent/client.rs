//! What a running agent says of targets and findings, and switching targets.

use agent::history::Moment;
use anyhow::Result;
use report::{Align, Table, short_duration};
use serde_json::Value;
use snapshot::Printable;

use super::asking::{AgentError, ask};
use super::silences::now_unix_ms;
use crate::arguments::{FindingOptions, RunningAgent, time_text};
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

/// Lists findings, those that fire first; of a span, also those that are over.
pub(super) fn findings(options: &FindingOptions) -> Result<()> {
    let span = [("since", options.since), ("until", options.until)];
    let span = span.into_iter().filter_map(|(key, moment)| Some(format!("{key}={}", moment_word(moment?))));
    let query = span.collect::<Vec<_>>().join("&");
    let answer = ask(&options.running, "GET", &format!("/api/v1/findings?{query}"), None)?;
    if options.json {
        return Ok(deliver(None, |out| writeln!(out, "{answer:#}"))?);
    }
    let mut found: Vec<&Value> = list(&answer, "findings").collect();
    let past = answer.get("past").unwrap_or(&Value::Null);
    let is_past = past.is_object();
    let order = ["firing", "pending", "resolved"];
    found.sort_by_key(|finding| order.iter().position(|state| finding["state"] == *state));
    Ok(deliver(None, |out| {
        for finding in &found {
            let text = |key: &str| finding[key].as_str().unwrap_or("-");
            let head = format!("{} {} {} {}", text("state"), text("severity"), text("service"), text("id"));
            writeln!(out, "{}: {}", Printable(&head), Printable(text("sentence")))?;
            if is_past {
                writeln!(out, "    {}", lasted(finding))?;
            }
            for cause in finding["causes"].as_array().into_iter().flatten() {
                let part = |key: &str| cause[key].as_str().unwrap_or("?");
                let place = format!("{} ({}:{})", part("function"), part("file"), cause["line"]);
                writeln!(out, "    {} at {}", cause["count"], Printable(&place))?;
            }
            if let Some(fix) = finding["fix"].as_str() {
                writeln!(out, "    fix: {}", Printable(fix))?;
            }
        }
        if found.is_empty() {
            let nothing = if is_past {
                "knows of nothing that was wrong then"
            } else {
                "knows of nothing that is wrong"
            };
            writeln!(out, "the agent {nothing}")?;
        }
        match (is_past, past["reaches_back_to_ms"].as_u64(), past["left_out"].as_u64().unwrap_or(0)) {
            (true, None, _) => writeln!(out, "it has no history: there is only what it remembers"),
            (true, Some(back_ms), 0) => writeln!(out, "the history reaches back to {}", time_text(back_ms)),
            (true, Some(_), more) => writeln!(out, "and {more} more, seen longer ago"),
            (false, ..) => Ok(()),
        }
    })?)
}

/// When a finding was there.
fn lasted(finding: &Value) -> String {
    let at = |key: &str| finding[key].as_u64();
    let time = |at: Option<u64>| at.map_or_else(|| "?".to_owned(), time_text);
    let fired = at("fired_unix_ms").map(|fired| format!(", firing since {}", time_text(fired)));
    let over = at("resolved_at_unix_ms").map(|over| format!(", resolved {}", time_text(over)));
    let seen = format!("seen from {} to {}", time(at("began_unix_ms")), time(at("last_seen_unix_ms")));
    seen + &fired.unwrap_or_default() + &over.unwrap_or_default()
}

/// A moment as agents read it, which needs no escapes in addresses.
pub(super) fn moment_word(moment: Moment) -> String {
    let ms = moment.unix_ms(now_unix_ms());
    format!("@{}.{:03}", ms / 1_000, ms % 1_000)
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
