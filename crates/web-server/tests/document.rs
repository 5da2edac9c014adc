//! The OpenAPI document: it is the one in the documentation, and a real validator finds no fault with it.

#![forbid(unsafe_code)]
use std::process::Command;

use serde_json::Value;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
/// What `scripts/openapi-validator` ends with where it cannot be had.
const NOT_HERE: i32 = 75;

#[test]
fn the_one_in_the_documentation_is_this_one() {
    let file = format!("{ROOT}/docs/openapi.json");
    if std::env::var_os("GOSTAT_BLESS").is_some_and(|wanted| wanted == "1") {
        std::fs::write(&file, web_server::document()).unwrap();
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        kept == web_server::document(),
        "{file} is old: GOSTAT_BLESS=1 cargo test -p web-server --test document writes it"
    );
}

#[test]
fn a_validator_of_openapi_finds_no_fault_with_it() {
    let directory = tempfile::tempdir().unwrap();
    let validate = |document: &str| {
        let file = directory.path().join("document.json");
        std::fs::write(&file, document).unwrap();
        Command::new(format!("{ROOT}/scripts/openapi-validator")).arg(file).output().unwrap()
    };
    let output = validate(web_server::document());
    let said =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if output.status.code() == Some(NOT_HERE) {
        eprintln!("skipped: {said}");
        return;
    }
    assert!(output.status.success(), "{said}");
    let wrong = web_server::document().replace("\"in\": \"query\"", "\"in\": \"somewhere\"");
    assert_eq!(validate(&wrong).status.code(), Some(1), "it finds fault with nothing");
}

#[test]
fn every_part_of_it_is_explained_and_every_reference_leads_somewhere() {
    let document: Value = serde_json::from_str(web_server::document()).unwrap();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    assert!(schemas.len() > 30, "{}", schemas.len());
    for (name, schema) in schemas {
        assert!(schema["description"].is_string() || schema["oneOf"].is_array(), "{name} is not explained");
        for (key, property) in schema["properties"].as_object().into_iter().flatten() {
            assert!(property["description"].is_string(), "{name}.{key} is not explained");
        }
    }
    let text = web_server::document();
    for reference in text.split("\"$ref\": \"#").skip(1) {
        let path = reference.split('"').next().unwrap();
        assert!(document.pointer(path).is_some(), "{path}");
    }
}
