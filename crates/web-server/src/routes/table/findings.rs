//! What is wrong, and silences.

use axum::routing::{delete, get, post};

use super::{Answer, Form, Route, get_of, ok, schema};
use crate::backend::FindingsState;
use crate::routes::findings;
use crate::routes::queries::FINDING_PARAMETERS;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route {
            parameters: FINDING_PARAMETERS,
            answers: const { &[ok("All of that.", Form::Json(schema::<FindingsState>))] },
            refusals: &[400, 409],
            ..get_of(
                "/api/v1/findings",
                "listFindings",
                "what is wrong, who is told, and silences",
                get(findings::list),
            )
        },
        Route {
            method: "POST",
            takes: Some(schema::<findings::Wanted>),
            answers: const {
                &[Answer {
                    status: 201,
                    about: "Findings that match are no longer delivered.",
                    form: Form::Json(schema::<findings::Silenced>),
                }]
            },
            refusals: &[400, 413, 415, 422],
            ..get_of(
                "/api/v1/silences",
                "addSilence",
                "silence what matches until a time",
                post(findings::silence),
            )
        },
        Route {
            method: "DELETE",
            answers: const { &[Answer { status: 204, about: "It has ended.", form: Form::Empty }] },
            refusals: &[400, 404],
            ..get_of("/api/v1/silences/{number}", "endSilence", "end a silence", delete(findings::unsilence))
        },
    ]
}
