//! Targets, and switching them on and off.

use axum::Json;
use axum::extract::State;
use schemars::JsonSchema;
use serde::Serialize;

use super::Shared;
use crate::answer::Refusal;
use crate::backend::TargetState;
use crate::parameters::Path;

/// All targets.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Targets {
    /// In the order of their ids.
    targets: Vec<TargetState>,
}

pub(super) async fn list(State(shared): State<Shared>) -> Result<Json<Targets>, Refusal> {
    let targets = shared.ask(|backend| Ok(backend.targets())).await?;
    Ok(Json(Targets { targets }))
}

pub(super) async fn one(
    State(shared): State<Shared>,
    Path(id): Path<String>,
) -> Result<Json<TargetState>, Refusal> {
    Ok(Json(shared.ask(move |backend| backend.target(&id)).await?))
}

pub(super) async fn enable(
    State(shared): State<Shared>,
    Path(id): Path<String>,
) -> Result<Json<TargetState>, Refusal> {
    Ok(Json(shared.ask(move |backend| backend.set_enabled(&id, true)).await?))
}

pub(super) async fn disable(
    State(shared): State<Shared>,
    Path(id): Path<String>,
) -> Result<Json<TargetState>, Refusal> {
    Ok(Json(shared.ask(move |backend| backend.set_enabled(&id, false)).await?))
}
