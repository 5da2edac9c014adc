//! What is wrong, and silencing it.

use alerting::Silence;
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Serialize;

use super::Shared;
use crate::answer::Refusal;
use crate::backend::FindingsState;

/// The number of a silence.
#[derive(Debug, Serialize)]
pub(super) struct Silenced {
    id: u64,
}

pub(super) async fn list(State(shared): State<Shared>) -> Result<Json<FindingsState>, Refusal> {
    Ok(Json(shared.ask(|backend| Ok(backend.findings())).await?))
}

pub(super) async fn silence(
    State(shared): State<Shared>,
    silence: Result<Json<Silence>, JsonRejection>,
) -> Result<(StatusCode, Json<Silenced>), Refusal> {
    let Json(silence) = silence.map_err(|error| {
        let hint = "{\"matchers\":[{\"label\":\"service\",\"pattern\":\"checkout*\"}],\"ends_unix_ms\":…,\"comment\":\"…\"}";
        Refusal::new(StatusCode::BAD_REQUEST, error.body_text(), Some(hint))
    })?;
    let added = shared.ask(move |backend| Ok(backend.silence(silence))).await?;
    let id = added.map_err(|error| Refusal::new(StatusCode::BAD_REQUEST, error, None))?;
    Ok((StatusCode::CREATED, Json(Silenced { id })))
}

pub(super) async fn unsilence(
    State(shared): State<Shared>,
    Path(id): Path<u64>,
) -> Result<StatusCode, Refusal> {
    match shared.ask(move |backend| Ok(backend.end_silence(id))).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(Refusal::new(StatusCode::NOT_FOUND, format!("there is no silence {id}"), None)),
    }
}
