//! Asking a running agent.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use report::{Align, Table, short_duration};
use serde_json::Value;
use snapshot::Printable;

use crate::arguments::RunningAgent;
use crate::output::deliver;

/// An agent that takes longer does not answer.
const ANSWERED_IN: Duration = Duration::from_secs(30);

/// Why a running agent did not answer as wanted.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AgentError {
    #[error("no agent answers at {agent}: {cause}")]
    Silent { agent: String, cause: Box<ureq::Error> },
    #[error("the agent at {agent} says: {error}")]
    Refused { agent: String, error: String, hint: Option<String> },
    #[error("cannot read the token in {}", path.display())]
    Token {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("the agent at {agent} has no target {target}")]
    NoSuchTarget { agent: String, target: String },
}

impl AgentError {
    /// What the user can do about it, if anything.
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            AgentError::Silent { .. } => Some(
                "is one running? --agent URL says where, --token-file what it wants to be told".to_owned(),
            ),
            AgentError::Refused { hint, .. } => hint.clone(),
            AgentError::NoSuchTarget { .. } => Some("gostat agent targets lists them".to_owned()),
            AgentError::Token { .. } => None,
        }
    }
}

/// Lists targets.
pub(super) fn targets(running: &RunningAgent, json: bool) -> Result<()> {
    let answer = ask(running, "GET", "/api/v1/targets")?;
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
    for target in listed(&answer) {
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
    let answer = ask(running, "GET", "/api/v1/findings")?;
    if json {
        return Ok(deliver(None, |out| writeln!(out, "{answer:#}"))?);
    }
    let mut found: Vec<&Value> = answer["findings"].as_array().into_iter().flatten().collect();
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
    let answer = ask(running, "GET", "/api/v1/targets")?;
    let of_it = |target: &&Value| {
        target["id"].as_str() == Some(wanted)
            || target["pid"].as_u64().is_some_and(|pid| pid.to_string() == wanted)
    };
    let ids: Vec<String> =
        listed(&answer).filter(of_it).filter_map(|target| Some(target["id"].as_str()?.to_owned())).collect();
    if ids.is_empty() {
        let (agent, target) = (running.agent.clone(), wanted.to_owned());
        return Err(AgentError::NoSuchTarget { agent, target }.into());
    }
    for id in ids {
        ask(running, "POST", &format!("/api/v1/targets/{id}/{action}"))?;
        deliver(None, |out| writeln!(out, "{id}: {action}d"))?;
    }
    Ok(())
}

fn listed(answer: &Value) -> impl Iterator<Item = &Value> {
    answer["targets"].as_array().into_iter().flatten()
}

fn ask(running: &RunningAgent, method: &str, path: &str) -> Result<Value, AgentError> {
    let agent = running.agent.trim_end_matches('/').to_owned();
    let silent = |cause: ureq::Error| AgentError::Silent { agent: agent.clone(), cause: Box::new(cause) };
    let client: ureq::Agent = ureq::Agent::config_builder()
        .timeout_global(Some(ANSWERED_IN))
        .http_status_as_error(false)
        .build()
        .into();
    let mut request = ureq::http::Request::builder().method(method).uri(format!("{agent}{path}"));
    if let Some(path) = &running.token_file {
        let token = std::fs::read_to_string(path)
            .map_err(|source| AgentError::Token { path: path.clone(), source })?;
        request = request.header("Authorization", format!("Bearer {}", token.trim()));
    }
    let request = request.body(()).map_err(|error| silent(error.into()))?;
    let mut response = client.run(request).map_err(silent)?;
    let body = response.body_mut().read_to_string().map_err(silent)?;
    let answer: Value = serde_json::from_str(&body).unwrap_or_default();
    if response.status().is_success() {
        return Ok(answer);
    }
    let said = answer["error"].as_str().map_or_else(|| response.status().to_string(), str::to_owned);
    Err(AgentError::Refused { agent, error: said, hint: answer["hint"].as_str().map(str::to_owned) })
}
