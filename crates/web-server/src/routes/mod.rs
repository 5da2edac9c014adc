//! What there is to ask.

mod findings;
mod goroutines;
mod history;
mod live;
mod page;
mod plain;
mod profiles;
mod queries;
mod session;
mod table;
mod targets;
mod ticks;

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use tokio::sync::Semaphore;

use crate::access::Doorkeeper;
use crate::answer::Refusal;
use crate::backend::{AskError, Backend};
use crate::parameters;

pub(crate) use page::PREFIX as PAGE;
pub(crate) use table::SESSION;
pub(crate) use table::{Answer, Form, Route, routes};

/// Requests that look at a target at the same time, at most.
const LOOKS_AT_ONCE: usize = 2;
/// Listeners to what happens, at most.
const LISTENERS_MAX: usize = 16;

/// What all routes share.
#[derive(Clone)]
pub(crate) struct Shared {
    backend: Arc<dyn Backend>,
    doorkeeper: Doorkeeper,
    looks: Arc<Semaphore>,
    listeners: Arc<Semaphore>,
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

/// Everything of the table, and a no to all else.
pub(crate) fn router(backend: Arc<dyn Backend>, doorkeeper: Doorkeeper) -> Router {
    let shared = Shared {
        backend,
        doorkeeper,
        looks: Arc::new(Semaphore::new(LOOKS_AT_ONCE)),
        listeners: Arc::new(Semaphore::new(LISTENERS_MAX)),
    };
    let mut router = Router::new();
    for Route { path, parameters, handler, .. } in routes() {
        router = router.route(path, handler.route_layer(from_fn_with_state(parameters, parameters::check)));
    }
    router
        .merge(page::router())
        .fallback(|| async {
            Refusal::new(StatusCode::NOT_FOUND, "there is nothing here", Some("GET / lists what there is"))
        })
        .method_not_allowed_fallback(|| async { Refusal::wrong_method() })
        .with_state(shared)
}
