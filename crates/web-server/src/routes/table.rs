//! Every route there is: the server is built of this table, and so is the document that describes it.

use axum::routing::{MethodRouter, delete, get, post};
use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::queries::{
    FINDING_PARAMETERS, HISTORY_PARAMETERS, MARK_PARAMETERS, PROFILE_PARAMETERS, TICK_PARAMETERS,
};
use super::{Shared, findings, goroutines, history, live, plain, profiles, session, targets, ticks};
use crate::backend::{FindingsState, Health, TargetState};
use crate::history::{HistoryAnswer, MarkJson, Marks, NewMark, PastProcesses};
use crate::parameters::Parameter;

/// One thing to ask.
pub(crate) struct Route {
    /// `GET`, `POST` or `DELETE`.
    pub(crate) method: &'static str,
    /// With parts in braces that the request fills in.
    pub(crate) path: &'static str,
    /// What it does, in a line.
    pub(crate) about: &'static str,
    /// A name for programs.
    pub(crate) name: &'static str,
    /// Its query.
    pub(crate) parameters: &'static [Parameter],
    /// The JSON that it takes.
    pub(crate) takes: Option<fn(&mut SchemaGenerator) -> Schema>,
    /// What it answers with when all is well, and other answers that are no [`Refusal`](crate::answer::Refusal).
    pub(crate) answers: &'static [Answer],
    /// Statuses of refusals that it may give for reasons of its own.
    pub(crate) refusals: &'static [u16],
    /// Who answers.
    pub(super) handler: MethodRouter<Shared>,
}

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) about: &'static str,
    pub(crate) form: Form,
}

/// What an answer looks like.
#[derive(Clone, Copy)]
pub(crate) enum Form {
    /// JSON.
    Json(fn(&mut SchemaGenerator) -> Schema),
    /// Text or bytes of one of these media types.
    Media(&'static [&'static str]),
    /// Server-sent events.
    Events,
    /// Nothing.
    Empty,
}

fn schema<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

/// Any JSON object.
fn object(_: &mut SchemaGenerator) -> Schema {
    schemars::json_schema!({ "type": "object" })
}

const TEXT: Form = Form::Media(&["text/plain; charset=utf-8"]);

const PROFILE: &[Answer] = &[Answer {
    status: 200,
    about: "The profile: gzip-compressed protocol buffers, or text with debug=1 and debug=2.",
    form: Form::Media(&["application/octet-stream", "text/plain; charset=utf-8"]),
}];

const fn ok(about: &'static str, form: Form) -> Answer {
    Answer { status: 200, about, form }
}

/// Where browsers show the token.
pub(crate) const SESSION: &str = "/api/v1/session";

/// All routes, in the order in which they are listed.
pub(crate) fn routes() -> Vec<Route> {
    let mut all = of_the_agent();
    all.extend(of_targets());
    all.extend(of_goroutines());
    all.extend(of_findings());
    all
}

fn of_the_agent() -> Vec<Route> {
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

fn of_targets() -> Vec<Route> {
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

fn of_goroutines() -> Vec<Route> {
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

fn of_findings() -> Vec<Route> {
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

/// A route without parameters: the rest is said by whoever calls.
fn get_of(
    path: &'static str,
    name: &'static str,
    about: &'static str,
    handler: MethodRouter<Shared>,
) -> Route {
    Route {
        method: "GET",
        path,
        about,
        name,
        parameters: &[],
        takes: None,
        answers: &[],
        refusals: &[],
        handler,
    }
}
