//! What is no JSON of ours: the list of all that there is, the document that describes it, metrics, and probes.

use std::fmt::Write as _;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::{Shared, page, routes};
use crate::answer::Refusal;
use crate::backend::Health;
use crate::openapi::document;

pub(super) async fn index(headers: HeaderMap) -> Response {
    page::redirect(&headers).unwrap_or_else(|| list().into_response())
}

fn list() -> String {
    let mut text = "gostat agent\n\n".to_owned();
    for route in routes() {
        let query: Vec<_> = route.parameters.iter().map(|parameter| parameter.name).collect();
        let query = if query.is_empty() { String::new() } else { format!("?{}=", query.join("=&")) };
        let place = format!("{}{query}", route.path);
        // Nothing can go wrong with a text in memory.
        let _ = writeln!(text, "{:<6} {place}\n           {}", route.method, route.about);
    }
    text
}

pub(super) async fn openapi() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], document()).into_response()
}

pub(super) async fn alive() -> &'static str {
    "alive\n"
}

pub(super) async fn metrics(State(shared): State<Shared>, headers: HeaderMap) -> Result<Response, Refusal> {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let text = shared.ask(move |backend| Ok(backend.metrics(accept.as_deref()))).await?;
    Ok(([(header::CONTENT_TYPE, text.media_type)], text.body).into_response())
}

pub(super) async fn health(State(shared): State<Shared>) -> Result<axum::Json<Health>, Refusal> {
    Ok(axum::Json(shared.ask(|backend| Ok(backend.health())).await?))
}

pub(super) async fn ready(State(shared): State<Shared>) -> Result<Response, Refusal> {
    let axum::Json(health) = health(State(shared)).await?;
    let status = if health.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    Ok((status, axum::Json(health)).into_response())
}
