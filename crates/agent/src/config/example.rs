//! The documented example, made of the configuration's own comments and defaults.

use std::fmt::Write as _;

use serde_json::Value;

use super::Config;
use super::check::resolve;

/// Columns of the file.
const WIDTH: usize = 100;

const HEAD: &str = "\
# The configuration of `gostat agent`, with every key that there is but those of receivers. All of
# them are commented out and have their defaults: without any file the agent does the same.
# `gostat agent check FILE` checks one.
";

pub(super) fn example() -> String {
    let root = schemars::schema_for!(Config).to_value();
    let defaults = serde_json::to_value(Config::default()).unwrap_or_default();
    let mut out = HEAD.to_owned();
    section(&root, &root, &defaults, &mut Vec::new(), &mut out);
    out
}

/// Keys with plain values come first: in TOML what follows a table belongs to it.
fn section(root: &Value, schema: &Value, defaults: &Value, path: &mut Vec<String>, out: &mut String) {
    let properties = resolve(root, schema)["properties"].as_object();
    let keys = || properties.into_iter().flatten().map(|(name, key)| (name, key, &defaults[name.as_str()]));
    let is_list = |default: &Value| default.is_array();
    for (name, key, default) in keys().filter(|(_, _, default)| !default.is_object() && !is_list(default)) {
        out.push('\n');
        describe(key, out);
        // What has no default has an example. For these TOML's notation is that of JSON.
        let value = if default.is_null() { example_of(key) } else { Some(default) };
        let Some(value) = value else { continue };
        let _ = writeln!(out, "#{name} = {value}");
    }
    for (name, key, default) in keys().filter(|(_, _, default)| default.is_object()) {
        path.push(name.clone());
        out.push('\n');
        describe(key, out);
        let _ = writeln!(out, "[{}]", path.join("."));
        section(root, key, default, path, out);
        path.pop();
    }
    for (_, key, _) in keys().filter(|(_, _, default)| is_list(default)) {
        out.push('\n');
        describe(key, out);
        let text = example_of(key).and_then(Value::as_str).unwrap_or_default();
        for line in text.lines() {
            let _ = writeln!(out, "{}{line}", if line.starts_with('#') { "" } else { "#" });
        }
    }
}

/// What stands for a key that has no default.
fn example_of(key: &Value) -> Option<&Value> {
    key["examples"].as_array()?.first()
}

/// What a key means, as comments that fit.
fn describe(schema: &Value, out: &mut String) {
    let mut column = 0;
    for word in schema["description"].as_str().unwrap_or_default().split_whitespace() {
        if column > 0 && column + 1 + word.len() > WIDTH {
            out.push('\n');
            column = 0;
        }
        if column == 0 {
            out.push('#');
            column = 1;
        }
        let _ = write!(out, " {word}");
        column += 1 + word.len();
    }
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_its_comments_it_is_the_default() {
        let text = example();
        assert_eq!(Config::parse(&text), Ok(Config::default()), "{text}");
        let bare: String = text
            .lines()
            .map(|line| match line.strip_prefix('#') {
                Some(rest) if !rest.starts_with(' ') => format!("{rest}\n"),
                _ => format!("{line}\n"),
            })
            .collect();
        let mut config = Config::parse(&bare).unwrap_or_else(|error| panic!("{error}\n{bare}"));
        // What has no default has an example.
        assert_eq!((config.targets.len(), config.alerts.sinks.len()), (1, 1));
        assert!(std::mem::take(&mut config.http).client_ca_file.is_some());
        assert!(config.alerts.spool_directory.take().is_some());
        assert!(config.alerts.findings.page_url.take().is_some());
        config.targets.clear();
        config.alerts.sinks.clear();
        assert_eq!(config, Config::default());
    }

    #[test]
    fn the_one_in_the_documentation_is_this_one() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/agent.toml");
        if std::env::var_os("GOSTAT_BLESS").is_some_and(|wanted| wanted == "1") {
            std::fs::write(file, example()).unwrap();
        }
        let kept = std::fs::read_to_string(file).unwrap();
        assert!(kept == example(), "{file} is old: GOSTAT_BLESS=1 cargo test -p agent writes it");
    }

    #[test]
    fn every_key_is_in_it_and_explained() {
        let text = example();
        let receivers = include_str!("../../../../docs/alerts.md");
        let root = schemars::schema_for!(Config).to_value();
        let mut keys = 0;
        let mut each = |owner: &str, properties: &Value| {
            for (name, schema) in properties.as_object().unwrap() {
                keys += 1;
                let plain = text.contains(&format!("\n#{name} = "));
                let table = text.contains(&format!("[{name}]")) || text.contains(&format!(".{name}]"));
                let of_receivers = owner == "SinkSettings" && receivers.contains(&format!("`{name}`"));
                assert!(
                    plain || table || of_receivers,
                    "{name} is not in the example, nor in docs/alerts.md"
                );
                assert!(schema["description"].as_str().is_some_and(|text| text.len() > 10), "{name}");
            }
        };
        each("Config", &root["properties"]);
        for (name, definition) in root["$defs"].as_object().unwrap() {
            if definition["properties"].is_object() {
                each(name, &definition["properties"]);
            }
        }
        assert!(keys > 20, "{keys}");
        assert_eq!(text.lines().find(|line| line.chars().count() > WIDTH), None);
    }
}
