//! `gostat history`: what processes did, as the agent remembers it.

mod moment;
mod screen;
mod text;

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use agent::HISTORY_FILE;
use agent::history::{By, Happened, Moment, Past, Question};
use anyhow::Result;

use super::agent::configuration;
use crate::arguments::HistoryOptions;
use crate::output::deliver;
use screen::Screen;

/// Slots of a JSON answer, if nobody says how wide they are.
const JSON_SLOTS: u64 = 300;

/// Runs `gostat history`.
pub(crate) fn run(options: &HistoryOptions) -> Result<()> {
    let past = Past::open(&file(options)?)?;
    let now_ms = u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?;
    match (&options.target, options.at) {
        (None, _) => list(&past, options, now_ms),
        (Some(target), Some(at)) => {
            let answer = past.at(target, at.unix_ms(now_ms), options.top)?;
            Ok(deliver(None, |out| match options.json {
                true => writeln!(out, "{}", serde_json::to_string(&answer)?),
                false => moment::write(&answer, out),
            })?)
        }
        (Some(target), None) => range(&past, target, options, now_ms),
    }
}

fn file(options: &HistoryOptions) -> Result<PathBuf> {
    Ok(match &options.history {
        Some(file) => file.clone(),
        None => configuration(options.config.as_deref())?.state_directory.join(HISTORY_FILE),
    })
}

fn list(past: &Past, options: &HistoryOptions, now_ms: u64) -> Result<()> {
    let since_ms = options.since.map_or(0, |since| since.unix_ms(now_ms));
    let until_ms = options.until.unwrap_or(Moment::NOW).unix_ms(now_ms).saturating_add(1);
    let mut listed = past.processes(since_ms)?;
    listed.processes.retain(|process| process.first_seen_ms < until_ms);
    let ids: Vec<&str> = listed.processes.iter().map(|process| process.id.as_str()).collect();
    let span = (since_ms, until_ms);
    let marks = options.marks.then(|| past.all_marks(span)).transpose()?.map(|marks| marks.marks);
    let findings = options.findings.then(|| past.findings(span, &ids)).transpose()?;
    if options.json {
        let mut answer = serde_json::to_value(&listed)?;
        if let Some(answer) = answer.as_object_mut() {
            answer.insert("marks".to_owned(), serde_json::to_value(&marks)?);
            answer.insert("findings".to_owned(), serde_json::to_value(&findings)?);
        }
        return Ok(deliver(None, |out| writeln!(out, "{answer}"))?);
    }
    Ok(deliver(None, |mut out| {
        text::write_processes(&listed, &mut out)?;
        text::write_happened(marks.as_deref(), findings.as_deref(), &mut out)
    })?)
}

fn range(past: &Past, target: &str, options: &HistoryOptions, now_ms: u64) -> Result<()> {
    let screen = Screen::of_this_process();
    let default = Question::new(target);
    let question = Question {
        since: options.since.unwrap_or(default.since),
        until: options.until.unwrap_or(default.until),
        by: options.by.clone(),
        step: options.step,
        slots_max: match (options.json, &options.by) {
            (true, _) => JSON_SLOTS,
            (false, By::Stack) => screen.bars,
            (false, _) => screen.lines,
        },
        top: options.top,
        ..default
    };
    let answer = past.range(&question, now_ms)?;
    let ids: Vec<&str> = answer.processes.iter().map(|process| process.id.as_str()).collect();
    let span = (answer.since_ms, answer.until_ms);
    let marks =
        options.marks.then(|| past.marks(span, &answer.processes)).transpose()?.map(|marks| marks.marks);
    let findings = options.findings.then(|| past.findings(span, &ids)).transpose()?;
    let happened = Happened { marks, findings, answer };
    Ok(deliver(None, |mut out| {
        if options.json {
            return writeln!(out, "{}", serde_json::to_string(&happened)?);
        }
        match options.by {
            By::Stack => text::write_series(&happened.answer, screen.characters, &mut out)?,
            _ => text::write_slots(&happened.answer, &mut out)?,
        }
        text::write_happened(happened.marks.as_deref(), happened.findings.as_deref(), &mut out)
    })?)
}
