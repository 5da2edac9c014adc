//! The document that describes the API for programs: OpenAPI 3.1, made of the table of routes and of the types that answers
//! are made of.

use std::sync::OnceLock;

use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use crate::answer::RefusalJson;
use crate::parameters::{Form as ParameterForm, Parameter};
use crate::routes::{Answer, Form, Route, routes};
use crate::ticks::{FindingEvent, LostEvent, TargetEvent, TickEvent};

const ABOUT: &str = "\
What `gostat agent` serves. Every key of an answer is always there; null means unknown or not applicable. New keys may come \
with new versions. Times are Unix milliseconds. Requests that are refused are answered with JSON that says why, and what \
may help. docs/api.md has who may ask, limits, and the stream of events.";

const EVENTS: &str = "\
Server-sent events, each with an id and JSON as its data. `tick`: a target was looked at. `target`: one began, ended, or \
could not be looked at. `finding`: one is new or has changed. `lost`: events did not reach this listener. Comments come \
while nothing happens. A listener that comes back with Last-Event-ID goes on where it was.";

/// What a part of a path in braces is.
const PATH_PARTS: &[(&str, &str, &str)] = &[
    ("id", "string", "A target's id."),
    ("goroutine", "integer", "A goroutine's id."),
    ("number", "integer", "A silence's number."),
];

/// The document, as text that ends its last line.
pub fn document() -> &'static str {
    static DOCUMENT: OnceLock<String> = OnceLock::new();
    DOCUMENT.get_or_init(|| format!("{:#}\n", described(&routes())))
}

fn described(routes: &[Route]) -> Value {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let settings = settings.with(|settings| settings.definitions_path = "/components/schemas".into());
    let mut generator = settings.into_generator();
    let mut paths: Map<String, Value> = Map::new();
    for route in routes {
        let operation = operation(route, &mut generator);
        let path = paths.entry(route.path).or_insert_with(|| json!({}));
        if let Some(path) = path.as_object_mut() {
            path.insert(route.method.to_lowercase(), operation);
        }
    }
    let mut schemas: Vec<_> = generator.take_definitions(true).into_iter().collect();
    schemas.sort_by(|(a, _), (b, _)| a.cmp(b));
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "gostat agent",
            "version": env!("CARGO_PKG_VERSION"),
            "description": ABOUT,
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "http://127.0.0.1:6068", "description": "An agent without a configuration." }],
        "security": [{}, { "token": [] }, { "certificate": [] }],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "token": { "type": "http", "scheme": "bearer", "description": "What http.token_file names." },
                "certificate": { "type": "mutualTLS", "description": "One of an authority in http.client_ca_file." },
            },
            "schemas": schemas.into_iter().collect::<Map<_, _>>(),
        },
    })
}

fn operation(route: &Route, generator: &mut SchemaGenerator) -> Value {
    let mut parameters: Vec<Value> = path_parts(route.path);
    parameters.extend(route.parameters.iter().map(query_parameter));
    let mut responses: Map<String, Value> =
        route.answers.iter().map(|answer| (answer.status.to_string(), response(answer, generator))).collect();
    let refusal = json!({
        "description": "Refused.",
        "content": { "application/json": { "schema": generator.subschema_for::<RefusalJson>() } },
    });
    for status in route.refusals {
        responses.entry(status.to_string()).or_insert_with(|| refusal.clone());
    }
    responses.insert("default".to_owned(), refusal);
    let mut operation = Map::from_iter([
        ("operationId".to_owned(), json!(route.name)),
        ("summary".to_owned(), json!(route.about)),
        ("parameters".to_owned(), json!(parameters)),
        ("responses".to_owned(), json!(responses)),
    ]);
    if let Some(takes) = route.takes {
        // What may be left out is another question of a request than of an answer.
        let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
        let schema = takes(&mut settings.into_generator());
        let body = json!({ "required": true, "content": { "application/json": { "schema": schema } } });
        operation.insert("requestBody".to_owned(), body);
    }
    Value::Object(operation)
}

fn path_parts(path: &str) -> Vec<Value> {
    let named = |name: &str| PATH_PARTS.iter().find(|(known, ..)| *known == name);
    let parts = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    parts
        .filter_map(named)
        .map(|(name, form, about)| {
            json!({
                "name": name, "in": "path", "required": true, "description": about, "schema": { "type": form },
            })
        })
        .collect()
}

fn query_parameter(parameter: &Parameter) -> Value {
    let schema = match parameter.form {
        ParameterForm::Text => json!({ "type": "string" }),
        ParameterForm::NumberTo(max) => json!({ "type": "integer", "minimum": 0, "maximum": max }),
    };
    json!({
        "name": parameter.name, "in": "query", "required": parameter.required,
        "description": parameter.about, "schema": schema,
    })
}

fn response(answer: &Answer, generator: &mut SchemaGenerator) -> Value {
    let content = match answer.form {
        Form::Json(schema) => json!({ "application/json": { "schema": schema(generator) } }),
        Form::Media(types) => types.iter().map(|media| ((*media).to_owned(), json!({}))).collect(),
        Form::Events => {
            json!({ "text/event-stream": { "schema": { "type": "string", "description": EVENTS } } })
        }
        Form::Empty => return json!({ "description": answer.about }),
    };
    match answer.form {
        Form::Events => {
            json!({ "description": answer.about, "content": content, "x-events": events(generator) })
        }
        _ => json!({ "description": answer.about, "content": content }),
    }
}

/// What the data of each event is. OpenAPI 3.1 has no word for that.
fn events(generator: &mut SchemaGenerator) -> Value {
    let of: [(&str, Schema); 4] = [
        ("tick", generator.subschema_for::<TickEvent>()),
        ("target", generator.subschema_for::<TargetEvent>()),
        ("finding", generator.subschema_for::<FindingEvent>()),
        ("lost", generator.subschema_for::<LostEvent>()),
    ];
    of.into_iter().map(|(name, schema)| (name.to_owned(), schema.to_value())).collect()
}
