//! Marks in the history of a running agent: deploys and notes.

use anyhow::Result;
use serde_json::{Value, json};
use snapshot::Printable;

use super::asking::ask;
use super::client::moment_word;
use crate::arguments::{MarkOptions, time_text};
use crate::output::deliver;

/// Makes one, and prints it.
pub(super) fn add(options: &MarkOptions) -> Result<()> {
    let wanted = json!({
        "text": options.text,
        "kind": if options.deploy { "deploy" } else { "note" },
        "target": options.target,
        "service": options.service,
        "at": options.at.map(moment_word),
    });
    let answer = ask(&options.running, "POST", "/api/v1/marks", Some(&wanted))?;
    if options.json {
        return Ok(deliver(None, |out| writeln!(out, "{answer:#}"))?);
    }
    let text = |key: &str| answer.get(key).and_then(Value::as_str);
    let of = text("process").or(text("service")).map(|of| format!(" of {of}")).unwrap_or_default();
    let at = answer.get("at_ms").and_then(Value::as_u64).map(time_text).unwrap_or_default();
    let marked =
        format!("{}{of} at {at}: {}", text("kind").unwrap_or("mark"), text("text").unwrap_or_default());
    Ok(deliver(None, |out| writeln!(out, "{}", Printable(&marked)))?)
}
