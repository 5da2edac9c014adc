//! What `docs/history.schema.json` says of answers.

use serde_json::{Value, json};

/// That a value is what the schema says, or one of its definitions, key for key.
#[track_caller]
pub(crate) fn valid(definition: Option<&str>, value: &Value) {
    let mut schema: Value =
        serde_json::from_str(include_str!("../../../../docs/history.schema.json")).unwrap();
    close(&mut schema);
    if let Some(name) = definition {
        let root = schema.as_object_mut().unwrap();
        root.retain(|key, _| key.starts_with('$'));
        root.insert("$ref".to_owned(), json!(format!("#/$defs/{name}")));
    }
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<_> =
        validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

/// Keys that an object of the schema does not name are errors.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            // Only schemas of objects have both; a property may itself be named "properties".
            if map.get("type") == Some(&json!("object")) && map.contains_key("properties") {
                map.insert("additionalProperties".to_owned(), json!(false));
            }
            map.values_mut().for_each(close);
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}
