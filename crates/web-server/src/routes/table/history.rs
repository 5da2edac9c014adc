//! The history: which processes it knows, what they did, and what happened meanwhile.

use axum::routing::{get, post};

use super::{Answer, Form, Route, get_of, ok, schema};
use crate::history::{HistoryAnswer, MarkJson, Marks, NewMark, PastProcesses};
use crate::routes::history;
use crate::routes::queries::{HISTORY_PARAMETERS, MARK_PARAMETERS};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route {
            answers: const { &[ok("Those seen last come first.", Form::Json(schema::<PastProcesses>))] },
            refusals: &[404, 409],
            ..get_of(
                "/api/v1/processes",
                "listProcesses",
                "processes that the history knows",
                get(history::processes),
            )
        },
        Route {
            parameters: HISTORY_PARAMETERS,
            answers: const { &[ok("The figures.", Form::Json(schema::<HistoryAnswer>))] },
            refusals: &[400, 404, 409],
            ..get_of("/api/v1/history", "getHistory", "what a process or service did", get(history::range))
        },
        Route {
            parameters: MARK_PARAMETERS,
            answers: const { &[ok("Oldest first.", Form::Json(schema::<Marks>))] },
            refusals: &[400, 404, 409],
            ..get_of(
                "/api/v1/marks",
                "listMarks",
                "deploys, notes and what else happened",
                get(history::marks),
            )
        },
        Route {
            method: "POST",
            takes: Some(schema::<NewMark>),
            answers: const {
                &[Answer {
                    status: 201,
                    about: "It is in the history.",
                    form: Form::Json(schema::<MarkJson>),
                }]
            },
            refusals: &[400, 404, 409, 413, 415, 422],
            ..get_of("/api/v1/marks", "addMark", "mark a deploy, or note something", post(history::mark))
        },
    ]
}
