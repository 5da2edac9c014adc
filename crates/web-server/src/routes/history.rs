//! What was: processes that the history knows, and what they did.

use axum::Json;
use axum::extract::State;

use super::Shared;
use crate::answer::Refusal;
use crate::history::{HistoryAnswer, HistoryQuestion, PastProcesses};
use crate::parameters::Query;

pub(super) async fn range(
    State(shared): State<Shared>,
    Query(question): Query<HistoryQuestion>,
) -> Result<Json<HistoryAnswer>, Refusal> {
    Ok(Json(shared.ask(move |backend| backend.history(&question)).await?))
}

pub(super) async fn processes(State(shared): State<Shared>) -> Result<Json<PastProcesses>, Refusal> {
    Ok(Json(shared.ask(|backend| backend.processes()).await?))
}
