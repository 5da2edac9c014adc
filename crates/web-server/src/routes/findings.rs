//! What is wrong, and silencing it.

use alerting::{Matcher, Silence};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Shared;
use crate::answer::Refusal;
use crate::backend::FindingsState;
use crate::history::FindingsQuestion;
use crate::parameters::{Body, Path, Query};

/// A silence that is asked for.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "SilenceWanted")]
pub(super) struct Wanted {
    /// All of these have to match; at least one.
    matchers: Vec<Matcher>,
    /// When it ends, Unix milliseconds.
    ends_unix_ms: u64,
    /// Why.
    comment: String,
    /// Who wants it.
    #[serde(default)]
    author: String,
}

/// The number of a silence.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Silenced {
    /// What ends it: `DELETE /api/v1/silences/NUMBER`.
    id: u64,
}

pub(super) async fn list(
    State(shared): State<Shared>,
    Query(question): Query<FindingsQuestion>,
) -> Result<Json<FindingsState>, Refusal> {
    Ok(Json(shared.ask(move |backend| backend.findings(&question)).await?))
}

pub(super) async fn silence(
    State(shared): State<Shared>,
    Body(wanted): Body<Wanted>,
) -> Result<(StatusCode, Json<Silenced>), Refusal> {
    let Wanted { matchers, ends_unix_ms, comment, author } = wanted;
    let silence = Silence { id: 0, matchers, ends_unix_ms, comment, author };
    let added = shared.ask(move |backend| Ok(backend.silence(silence))).await?;
    let id = added.map_err(|error| {
        let error = error.to_string();
        let (error, hint) =
            error.split_once("\nhint: ").map_or((error.as_str(), None), |(a, b)| (a, Some(b)));
        Refusal::new(StatusCode::BAD_REQUEST, error, hint)
    })?;
    Ok((StatusCode::CREATED, Json(Silenced { id })))
}

pub(super) async fn unsilence(
    State(shared): State<Shared>,
    Path(number): Path<u64>,
) -> Result<StatusCode, Refusal> {
    match shared.ask(move |backend| Ok(backend.end_silence(number))).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(Refusal::new(StatusCode::NOT_FOUND, format!("there is no silence {number}"), None)),
    }
}
