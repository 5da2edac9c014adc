//! The agent itself: what there is, how it is, and who may come in.

use axum::routing::{delete, get, post};

use super::{Answer, Form, Route, get_of, object, ok, schema};
use crate::backend::Health;
use crate::routes::{plain, session};

/// Where browsers show the token.
pub(crate) const SESSION: &str = "/api/v1/session";

const TEXT: Form = Form::Media(&["text/plain; charset=utf-8"]);

pub(super) fn routes() -> Vec<Route> {
    const METRICS: Form = Form::Media(&[
        "text/plain; version=0.0.4; charset=utf-8",
        "application/openmetrics-text; version=1.0.0; charset=utf-8",
    ]);
    vec![
        Route {
            answers: const { &[ok("The list.", TEXT)] },
            ..get_of("/", "listRoutes", "what there is", get(plain::index))
        },
        Route {
            answers: const { &[ok("The metrics, in the form that Accept prefers.", METRICS)] },
            ..get_of("/metrics", "getMetrics", "metrics, Prometheus or OpenMetrics text", get(plain::metrics))
        },
        Route {
            answers: const { &[ok("It is alive.", TEXT)] },
            ..get_of("/healthz", "getHealth", "is it alive?", get(plain::alive))
        },
        Route {
            answers: const {
                &[
                    ok("It watches.", Form::Json(schema::<Health>)),
                    Answer {
                        status: 503,
                        about: "It does not watch (yet).",
                        form: Form::Json(schema::<Health>),
                    },
                ]
            },
            ..get_of("/readyz", "getReadiness", "does it watch?", get(plain::ready))
        },
        Route {
            answers: const { &[ok("The same as /readyz, by 200 in any case.", Form::Json(schema::<Health>))] },
            ..get_of("/api/v1/health", "getAgentHealth", "how the agent is", get(plain::health))
        },
        Route {
            answers: const { &[ok("The document.", Form::Json(object))] },
            ..get_of(
                "/api/v1/openapi.json",
                "getDocument",
                "all of this, for programs: OpenAPI",
                get(plain::openapi),
            )
        },
        Route {
            method: "POST",
            takes: Some(schema::<session::Login>),
            answers: const {
                &[Answer { status: 204, about: "A cookie that stands for the token.", form: Form::Empty }]
            },
            refusals: &[400, 401, 413, 415, 422],
            ..get_of(SESSION, "beginSession", "let a browser in", post(session::begin))
        },
        Route {
            method: "DELETE",
            answers: const {
                &[Answer { status: 204, about: "The cookie stands for nothing.", form: Form::Empty }]
            },
            ..get_of(SESSION, "endSession", "let it out", delete(session::end))
        },
    ]
}
