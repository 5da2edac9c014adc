//! Goroutines one by one, what they wait for, and which have leaked: the JSON of the commands of the same names.

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use snapshot::GoroutineId;

use super::Shared;
use crate::answer::Refusal;
use crate::backend::{AskError, Backend, Text};

pub(super) async fn one(
    state: State<Shared>,
    Path((id, goroutine)): Path<(String, u64)>,
) -> Result<Response, Refusal> {
    look(state, move |backend| backend.goroutine(&id, GoroutineId(goroutine))).await
}

pub(super) async fn why(
    state: State<Shared>,
    Path((id, goroutine)): Path<(String, u64)>,
) -> Result<Response, Refusal> {
    look(state, move |backend| backend.why(&id, GoroutineId(goroutine))).await
}

pub(super) async fn graph(state: State<Shared>, Path(id): Path<String>) -> Result<Response, Refusal> {
    look(state, move |backend| backend.graph(&id)).await
}

pub(super) async fn leaks(state: State<Shared>, Path(id): Path<String>) -> Result<Response, Refusal> {
    look(state, move |backend| backend.leaks(&id)).await
}

async fn look(
    State(shared): State<Shared>,
    question: impl FnOnce(&dyn Backend) -> Result<Text, AskError> + Send + 'static,
) -> Result<Response, Refusal> {
    let text = shared.look(question).await?;
    Ok(([(header::CONTENT_TYPE, text.media_type)], text.body).into_response())
}
