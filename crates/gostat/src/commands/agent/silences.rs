//! Silences of a running agent: making, listing and ending them.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Result;
use report::{Align, Table, short_duration};
use serde_json::{Value, json};

use super::asking::ask;
use super::client::list;
use crate::arguments::{RunningAgent, SilenceOptions};
use crate::output::deliver;

/// Makes one, and prints its number.
pub(super) fn add(options: &SilenceOptions) -> Result<()> {
    let lasts_ms = u64::try_from(options.lasts.as_millis()).unwrap_or(u64::MAX);
    let ends_unix_ms = now_unix_ms().saturating_add(lasts_ms);
    let user = || std::env::var("USER").or_else(|_| std::env::var("LOGNAME")).unwrap_or_default();
    let wanted = json!({
        "matchers": options.matchers,
        "ends_unix_ms": ends_unix_ms,
        "comment": options.comment,
        "author": options.author.clone().unwrap_or_else(user),
    });
    let answer = ask(&options.running, "POST", "/api/v1/silences", Some(&wanted))?;
    if options.json {
        return Ok(deliver(None, |out| writeln!(out, "{answer:#}"))?);
    }
    let number = answer.get("id").and_then(Value::as_u64).unwrap_or_default();
    let lasts = short_duration(lasts_ms);
    Ok(deliver(None, |out| {
        writeln!(out, "silence {number} lasts {lasts}; gostat agent unsilence {number} ends it")
    })?)
}

/// Lists those that have not ended.
pub(super) fn show(running: &RunningAgent, as_json: bool) -> Result<()> {
    let answer = ask(running, "GET", "/api/v1/findings", None)?;
    if as_json {
        let silences = json!({ "silences": answer.get("silences") });
        return Ok(deliver(None, |out| writeln!(out, "{silences:#}"))?);
    }
    let now = now_unix_ms();
    let mut table = Table::new(&[
        ("NUMBER", Align::Right),
        ("LEFT", Align::Right),
        ("BY", Align::Left),
        ("MATCHERS", Align::Left),
        ("COMMENT", Align::Left),
    ]);
    let mut any = false;
    for silence in list(&answer, "silences") {
        any = true;
        let text = |key: &str| match silence[key].as_str() {
            None | Some("") => "-".to_owned(),
            Some(text) => text.to_owned(),
        };
        let ends = silence["ends_unix_ms"].as_u64().unwrap_or_default();
        let matchers: Vec<String> = list(silence, "matchers").map(matcher).collect();
        table.row([
            silence["id"].to_string(),
            short_duration(ends.saturating_sub(now)),
            text("author"),
            matchers.join(" "),
            text("comment"),
        ]);
    }
    match any {
        true => Ok(deliver(None, |mut out| table.write(&mut out))?),
        false => Ok(deliver(None, |out| writeln!(out, "nothing is silenced"))?),
    }
}

/// Ends one.
pub(super) fn end(running: &RunningAgent, number: u64, as_json: bool) -> Result<()> {
    ask(running, "DELETE", &format!("/api/v1/silences/{number}"), None)?;
    let ended = json!({ "ended": number });
    match as_json {
        true => Ok(deliver(None, |out| writeln!(out, "{ended:#}"))?),
        false => Ok(deliver(None, |out| writeln!(out, "silence {number} has ended"))?),
    }
}

fn matcher(matcher: &Value) -> String {
    let text = |key: &str| matcher[key].as_str().unwrap_or_default();
    let sign = if matcher["negated"] == true { "!=" } else { "=" };
    format!("{}{sign}{}", text("label"), text("pattern"))
}

pub(super) fn now_unix_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
