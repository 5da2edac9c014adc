//! What a running agent answers is what its OpenAPI document says, key by key.

use std::collections::BTreeMap;

use jsonschema::Validator;
use serde_json::{Value, json};
use target_programs::{Build, NEWEST, Program, Running, Variant};

use crate::running_agent::{QUICK, RunningAgent};

/// The document of an agent, with keys that it does not know as errors.
pub(crate) struct Contract {
    document: Value,
}

impl Contract {
    pub(crate) fn of(agent: &RunningAgent) -> Contract {
        let mut document = agent.json("/api/v1/openapi.json");
        close(&mut document["components"]["schemas"]);
        Contract { document }
    }

    fn validator(&self, schema: &Value) -> Validator {
        let root = json!({ "components": self.document["components"], "allOf": [schema] });
        jsonschema::options().with_draft(jsonschema::Draft::Draft202012).build(&root).unwrap()
    }

    /// Checks an answer to a request.
    pub(crate) fn answer(&self, method: &str, path: &str, status: u16, answer: &Value) {
        let responses = &self.document["paths"][path][method]["responses"];
        let response = responses.get(status.to_string()).or_else(|| responses.get("default"));
        let schema = &response.unwrap()["content"]["application/json"]["schema"];
        assert!(schema.is_object(), "{method} {path} {status} has no schema");
        let errors: Vec<_> =
            self.validator(schema).iter_errors(answer).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{method} {path} {status}: {errors:?}\n{answer:#}");
    }

    /// Checks an event of the stream.
    pub(crate) fn event(&self, name: &str, data: &Value) {
        let events = &self.document["paths"]["/api/v1/ticks"]["get"]["responses"]["200"]["x-events"];
        assert!(events[name].is_object(), "{name}");
        let errors: Vec<_> =
            self.validator(&events[name]).iter_errors(data).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{name}: {errors:?}\n{data:#}");
    }
}

/// Readers pass over keys that they do not know; a test does not.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            if map.get("properties").is_some_and(Value::is_object)
                && map.get("type") == Some(&json!("object"))
            {
                map.insert("additionalProperties".to_owned(), json!(false));
            }
            map.values_mut().for_each(close);
        }
        Value::Array(list) => list.iter_mut().for_each(close),
        _ => {}
    }
}

#[test]
fn every_route_is_in_the_document_and_answers_as_it_says() {
    let Some(built) = Build::amd64(Program::Many, NEWEST, Variant::Stripped).build_or_skip().unwrap() else {
        return;
    };
    let running = Running::start(&built, &["50"]).unwrap();
    let agent = RunningAgent::start(QUICK);
    let contract = Contract::of(&agent);
    let target = agent.wait_for_target(running.pid(), |target| target["looks"].as_u64() > Some(1));
    let id = target["id"].as_str().unwrap();
    agent.wait_for_history("many");
    assert_eq!(agent.silence(), 201);
    let of = |name: &str| match name {
        "/api/v1/silences/{number}" => "/api/v1/silences/1".to_owned(),
        path => path.replace("{id}", id),
    };
    let mut statuses: BTreeMap<u16, usize> = BTreeMap::new();
    for (path, methods) in contract.document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            // Streams do not end; its events are tested where it is.
            if path == "/api/v1/ticks" {
                continue;
            }
            let queries: &[&str] = match path.as_str() {
                "/api/v1/history" => &[
                    "?target=many&by=stack",
                    "?target=many&by=reason",
                    "?target=nobody",
                    "?target=many&by=x",
                    "",
                ],
                "/api/v1/marks" => &["", "?target=many", "?target=nobody", "?since=soon"],
                "/api/v1/findings" => &["", "?since=7d", "?until=1h", "?since=soon"],
                _ => &["", "?unknown=1"],
            };
            for query in queries {
                let asked = format!("{}{query}", of(path));
                let (status, body) = agent.request(&method.to_uppercase(), &asked, &[]);
                let may_be_unknown = path.contains('{') || query.contains("nobody");
                assert!(status != 404 || may_be_unknown, "{method} {asked}");
                *statuses.entry(status).or_default() += 1;
                if let Ok(answer) = serde_json::from_slice::<Value>(&body)
                    && path != "/api/v1/openapi.json"
                {
                    contract.answer(method, path, status, &answer);
                }
            }
        }
    }
    for status in [200, 204, 400, 404] {
        assert!(statuses.contains_key(&status), "{statuses:?}");
    }
    let index = String::from_utf8(agent.get("/").1).unwrap();
    for path in contract.document["paths"].as_object().unwrap().keys() {
        assert!(index.contains(path.as_str()), "{path} is not in the index");
    }
}
