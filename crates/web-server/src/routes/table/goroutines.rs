//! Goroutines of a target: all of them as they come, one of them, and what they wait for.

use axum::routing::get;

use super::{Answer, Form, Route, get_of, object, ok};
use crate::routes::{goroutines, live};

pub(super) fn routes() -> Vec<Route> {
    const CLOSED: &str = "A WebSocket with binary frames, as crates/live-frames describes them.";
    vec![
        Route {
            answers: const { &[Answer { status: 101, about: CLOSED, form: Form::Empty }] },
            refusals: &[404, 409, 426],
            ..get_of(
                "/api/v1/targets/{id}/live",
                "watchGoroutines",
                "every goroutine at every tick, over a WebSocket",
                get(live::frames),
            )
        },
        Route {
            answers: const { &[ok("As gostat dump --json has it.", Form::Json(object))] },
            refusals: &[400, 404, 409, 503],
            ..get_of(
                "/api/v1/targets/{id}/goroutines/{goroutine}",
                "getGoroutine",
                "one goroutine",
                get(goroutines::one),
            )
        },
        Route {
            answers: const { &[ok("As gostat why --json says it.", Form::Json(object))] },
            refusals: &[400, 404, 409, 503],
            ..get_of(
                "/api/v1/targets/{id}/goroutines/{goroutine}/why",
                "explainGoroutine",
                "what a goroutine waits for, and who could wake it",
                get(goroutines::why),
            )
        },
        Route {
            answers: const { &[ok("As gostat graph --format json says it.", Form::Json(object))] },
            refusals: &[404, 409, 503],
            ..get_of("/api/v1/targets/{id}/graph", "getGraph", "who waits for whom", get(goroutines::graph))
        },
        Route {
            answers: const { &[ok("As gostat leaks --json says it.", Form::Json(object))] },
            refusals: &[404, 409, 503],
            ..get_of(
                "/api/v1/targets/{id}/leaks",
                "findLeaks",
                "which goroutines have leaked",
                get(goroutines::leaks),
            )
        },
    ]
}
