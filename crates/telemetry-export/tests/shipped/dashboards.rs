//! Dashboards for Grafana: valid, of metrics that there are, and accepted by Prometheus' own parser.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::expressions::metrics_of;
use crate::promtool::{complaint, promtool};
use crate::read;
use crate::rules::is_known;

const FILES: [&str; 2] = ["deploy/grafana/fleet.json", "deploy/grafana/target.json"];

fn dashboards() -> Vec<(&'static str, Value)> {
    FILES.map(|file| (file, serde_json::from_str(&read(file)).unwrap())).into()
}

fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value[key].as_array().map(Vec::as_slice).unwrap_or_default()
}

/// All expressions, with Grafana's variables replaced by what they could stand for.
fn expressions(dashboard: &Value) -> Vec<String> {
    let targets = list(dashboard, "panels").iter().flat_map(|panel| list(panel, "targets"));
    targets.map(|target| replaced(target["expr"].as_str().unwrap())).collect()
}

fn replaced(expression: &str) -> String {
    let replaced =
        expression.replace("$__rate_interval", "5m").replace("$service", ".*").replace("$target", "4242");
    assert!(!replaced.contains('$'), "a variable that nobody replaces: {expression}");
    replaced
}

#[test]
fn dashboards_are_of_metrics_that_there_are() {
    for (file, dashboard) in dashboards() {
        let expressions = expressions(&dashboard);
        assert!(expressions.len() >= 20, "{file}");
        for expression in expressions {
            for metric in metrics_of(&expression) {
                assert!(is_known(&metric), "{file}: there is no {metric}: {expression}");
            }
        }
    }
}

#[test]
fn dashboards_are_what_grafana_loads() {
    let mut uids = BTreeSet::new();
    for (file, dashboard) in dashboards() {
        assert!(uids.insert(dashboard["uid"].as_str().unwrap().to_owned()), "{file}");
        assert!(dashboard["title"].is_string() && dashboard["schemaVersion"].is_u64(), "{file}");
        let panels = list(&dashboard, "panels");
        let ids: BTreeSet<_> = panels.iter().map(|panel| panel["id"].as_u64().unwrap()).collect();
        assert_eq!(ids.len(), panels.len(), "{file}: ids of panels are distinct");
        for panel in panels {
            let place = |key: &str| panel["gridPos"][key].as_u64().unwrap();
            assert!(place("x") + place("w") <= 24 && place("h") > 0, "{file}: {panel}");
            assert!(
                ["stat", "timeseries", "table"].contains(&panel["type"].as_str().unwrap()),
                "{file}: {panel}"
            );
            assert_eq!(panel["datasource"]["uid"], "${datasource}", "{file}: of whoever loads it");
        }
        let variables: Vec<_> =
            list(&dashboard["templating"], "list").iter().map(|v| v["name"].clone()).collect();
        assert_eq!(variables.len(), 2, "{file}: {variables:?}");
        for variable in list(&dashboard["templating"], "list") {
            let query = variable["query"]["query"].as_str();
            let metric = query.and_then(|query| query.strip_prefix("label_values(")?.split(',').next());
            assert!(variable["type"] == "datasource" || metric.is_some_and(is_known), "{file}: {variable}");
        }
    }
}

#[test]
fn prometheus_accepts_every_expression() {
    let Some(mut promtool) = promtool() else { return };
    let mut rules = "groups:\n- name: dashboards\n  rules:\n".to_owned();
    for (_, dashboard) in dashboards() {
        for expression in expressions(&dashboard) {
            let quoted = serde_json::to_string(&expression).unwrap();
            let number = rules.lines().count();
            rules.push_str(&format!("  - {{ record: 'dashboard:expression{number}', expr: {quoted} }}\n"));
        }
    }
    let file = tempfile::Builder::new().suffix(".yml").tempfile().unwrap();
    std::fs::write(file.path(), rules).unwrap();
    promtool.args(["check", "rules"]).arg(file.path());
    assert_eq!(complaint(promtool, ""), None);
}
