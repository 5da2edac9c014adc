//! What was: processes that the history knows, what they did, and what happened.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use super::Shared;
use crate::answer::Refusal;
use crate::history::{
    HistoryAnswer, HistoryQuestion, MarkJson, Marks, MarksQuestion, NewMark, PastProcesses,
};
use crate::parameters::{Body, Query};

pub(super) async fn range(
    State(shared): State<Shared>,
    Query(question): Query<HistoryQuestion>,
) -> Result<Json<HistoryAnswer>, Refusal> {
    Ok(Json(shared.ask(move |backend| backend.history(&question)).await?))
}

pub(super) async fn processes(State(shared): State<Shared>) -> Result<Json<PastProcesses>, Refusal> {
    Ok(Json(shared.ask(|backend| backend.processes()).await?))
}

pub(super) async fn marks(
    State(shared): State<Shared>,
    Query(question): Query<MarksQuestion>,
) -> Result<Json<Marks>, Refusal> {
    Ok(Json(shared.ask(move |backend| backend.marks(&question)).await?))
}

pub(super) async fn mark(
    State(shared): State<Shared>,
    Body(wanted): Body<NewMark>,
) -> Result<(StatusCode, Json<MarkJson>), Refusal> {
    Ok((StatusCode::CREATED, Json(shared.ask(move |backend| backend.mark(wanted)).await?)))
}
