//! What there is to ask.

mod findings;
mod goroutines;
mod history;
mod live;
mod profiles;
mod targets;

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use tokio::sync::Semaphore;

use crate::answer::Refusal;
use crate::backend::{AskError, Backend};

/// Requests that look at a target at the same time, at most.
const LOOKS_AT_ONCE: usize = 2;

/// What all routes share.
#[derive(Clone)]
pub(crate) struct Shared {
    backend: Arc<dyn Backend>,
    looks: Arc<Semaphore>,
}

impl Shared {
    /// Asks the backend on a thread of its own, as that may take long.
    async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&dyn Backend) -> Result<T, AskError> + Send + 'static,
    ) -> Result<T, Refusal> {
        let backend = Arc::clone(&self.backend);
        let answer = tokio::task::spawn_blocking(move || question(backend.as_ref())).await;
        match answer {
            Ok(answer) => Ok(answer?),
            Err(error) => {
                tracing::error!(%error, "a request could not be answered");
                Err(Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "the agent failed to answer", None))
            }
        }
    }

    /// As [`Shared::ask`], for questions that the target itself is asked: few at a time.
    async fn look<T: Send + 'static>(
        &self,
        question: impl FnOnce(&dyn Backend) -> Result<T, AskError> + Send + 'static,
    ) -> Result<T, Refusal> {
        let Ok(_turn) = self.looks.try_acquire() else { return Err(Refusal::busy()) };
        self.ask(question).await
    }
}

pub(crate) fn router(backend: Arc<dyn Backend>) -> Router {
    let shared = Shared { backend, looks: Arc::new(Semaphore::new(LOOKS_AT_ONCE)) };
    Router::new()
        .route("/", get(index))
        .route("/metrics", get(metrics))
        .route("/healthz", get(|| async { "alive\n" }))
        .route("/readyz", get(ready))
        .route("/targets/{id}/debug/pprof/goroutine", get(profiles::goroutine))
        .route("/targets/{id}/debug/pprof/goroutineleak", get(profiles::goroutineleak))
        .route("/api/v1/targets", get(targets::list))
        .route("/api/v1/targets/{id}", get(targets::one))
        .route("/api/v1/targets/{id}/enable", post(targets::enable))
        .route("/api/v1/targets/{id}/disable", post(targets::disable))
        .route("/api/v1/targets/{id}/live", get(live::frames))
        .route("/api/v1/targets/{id}/goroutines/{goroutine}", get(goroutines::one))
        .route("/api/v1/targets/{id}/goroutines/{goroutine}/why", get(goroutines::why))
        .route("/api/v1/targets/{id}/graph", get(goroutines::graph))
        .route("/api/v1/targets/{id}/leaks", get(goroutines::leaks))
        .route("/api/v1/history", get(history::range))
        .route("/api/v1/processes", get(history::processes))
        .route("/api/v1/findings", get(findings::list))
        .route("/api/v1/silences", post(findings::silence))
        .route("/api/v1/silences/{id}", delete(findings::unsilence))
        .fallback(|| async {
            Refusal::new(StatusCode::NOT_FOUND, "there is nothing here", Some("GET / lists what there is"))
        })
        .with_state(shared)
}

const INDEX: &str = "\
gostat agent

GET  /metrics                                metrics, Prometheus or OpenMetrics text
GET  /healthz  /readyz                       is it alive, does it watch?
GET  /targets/ID/debug/pprof/goroutine       goroutine profile of a target: debug=0, 1 or 2
GET  /targets/ID/debug/pprof/goroutineleak   those of its goroutines that have leaked for sure: debug=0, 1 or 2
GET  /api/v1/targets                         targets, as JSON
GET  /api/v1/targets/ID                      one of them
POST /api/v1/targets/ID/enable  /disable     look at it, or not
GET  /api/v1/targets/ID/live                 every goroutine at every tick, over a WebSocket
GET  /api/v1/targets/ID/goroutines/GOID      one of its goroutines
GET  /api/v1/targets/ID/goroutines/GOID/why  what that waits for
GET  /api/v1/targets/ID/graph                who waits for whom
GET  /api/v1/targets/ID/leaks                which have leaked
GET  /api/v1/processes                       processes that the history knows
GET  /api/v1/history?target=ID               what one did: since, until, by, step, top as for gostat history
GET  /api/v1/findings                        what is wrong, who is told, and silences
POST /api/v1/silences                        silence what matches: matchers, ends_unix_ms, comment
DELETE /api/v1/silences/NUMBER               end that
";

async fn index() -> &'static str {
    INDEX
}

async fn metrics(State(shared): State<Shared>, headers: HeaderMap) -> Result<Response, Refusal> {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let text = shared.ask(move |backend| Ok(backend.metrics(accept.as_deref()))).await?;
    Ok(([(header::CONTENT_TYPE, text.media_type)], text.body).into_response())
}

async fn ready(State(shared): State<Shared>) -> Result<Response, Refusal> {
    let health = shared.ask(|backend| Ok(backend.health())).await?;
    let status = if health.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    Ok((status, axum::Json(health)).into_response())
}
