//! Targets: which there are, whether they are looked at, their profiles and what happens to them.

use axum::routing::{get, post};

use super::{Answer, Form, Route, get_of, ok, schema};
use crate::backend::TargetState;
use crate::routes::queries::{PROFILE_PARAMETERS, TICK_PARAMETERS};
use crate::routes::{profiles, targets, ticks};

const PROFILE: &[Answer] = &[Answer {
    status: 200,
    about: "The profile: gzip-compressed protocol buffers, or text with debug=1 and debug=2.",
    form: Form::Media(&["application/octet-stream", "text/plain; charset=utf-8"]),
}];

pub(super) fn routes() -> Vec<Route> {
    let post_of = |path, name, about, handler| Route { method: "POST", ..get_of(path, name, about, handler) };
    let targets = "/api/v1/targets";
    vec![
        Route {
            answers: const { &[ok("All of them, by id.", Form::Json(schema::<targets::Targets>))] },
            ..get_of(targets, "listTargets", "targets", get(targets::list))
        },
        Route {
            answers: const { &[ok("The target.", Form::Json(schema::<TargetState>))] },
            refusals: &[404],
            ..get_of("/api/v1/targets/{id}", "getTarget", "one of them", get(targets::one))
        },
        Route {
            answers: const { &[ok("The target as it is now.", Form::Json(schema::<TargetState>))] },
            refusals: &[404],
            ..post_of(
                "/api/v1/targets/{id}/enable",
                "enableTarget",
                "look at it again",
                post(targets::enable),
            )
        },
        Route {
            answers: const { &[ok("The target as it is now.", Form::Json(schema::<TargetState>))] },
            refusals: &[404],
            ..post_of(
                "/api/v1/targets/{id}/disable",
                "disableTarget",
                "do not look at it",
                post(targets::disable),
            )
        },
        Route {
            parameters: PROFILE_PARAMETERS,
            answers: PROFILE,
            refusals: &[400, 404, 409, 503],
            ..get_of(
                "/targets/{id}/debug/pprof/goroutine",
                "getGoroutineProfile",
                "goroutine profile of a target, as net/http/pprof serves it",
                get(profiles::goroutine),
            )
        },
        Route {
            parameters: PROFILE_PARAMETERS,
            answers: PROFILE,
            refusals: &[400, 404, 409, 503],
            ..get_of(
                "/targets/{id}/debug/pprof/goroutineleak",
                "getLeakProfile",
                "those of its goroutines that have leaked for sure",
                get(profiles::goroutineleak),
            )
        },
        Route {
            parameters: TICK_PARAMETERS,
            answers: const { &[ok("The stream.", Form::Events)] },
            refusals: &[400, 404, 503],
            ..get_of(
                "/api/v1/ticks",
                "listenToTicks",
                "looks, targets and findings as they come",
                get(ticks::listen),
            )
        },
    ]
}
