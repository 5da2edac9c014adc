//! Every route there is: the server is built of this table, and so is the document that describes it.

mod agent;
mod targets;
mod history;
mod goroutines;
mod findings;

use axum::routing::MethodRouter;
use schemars::{JsonSchema, Schema, SchemaGenerator};

pub(crate) use self::agent::SESSION;
use super::Shared;
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

const fn ok(about: &'static str, form: Form) -> Answer {
    Answer { status: 200, about, form }
}

/// All routes, in the order in which they are listed.
pub(crate) fn routes() -> Vec<Route> {
    let all =
        [agent::routes(), targets::routes(), history::routes(), goroutines::routes(), findings::routes()];
    all.into_iter().flatten().collect()
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
