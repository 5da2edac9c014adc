//! Recording and alert rules for Prometheus, and the tests of them that promtool runs.

use std::collections::BTreeSet;

use telemetry_export::catalogue;

use crate::expressions::metrics_of;
use crate::promtool::{complaint, promtool};
use crate::{read, repository};

const FILES: [&str; 2] = ["deploy/prometheus/recording.rules.yml", "deploy/prometheus/alerts.rules.yml"];
const TESTS: [&str; 2] =
    ["deploy/prometheus/tests/goroutines.test.yml", "deploy/prometheus/tests/agent.test.yml"];

/// The values of a key, each on one line.
fn values<'t>(text: &'t str, key: &str) -> Vec<&'t str> {
    let starts = [format!("{key}: "), format!("- {key}: ")];
    let value =
        |line: &'t str| starts.iter().find_map(|start| line.trim_start().strip_prefix(start.as_str()));
    text.lines().filter_map(value).collect()
}

/// The recording rules that there are.
pub(crate) fn recorded() -> BTreeSet<String> {
    values(&read(FILES[0]), "record").into_iter().map(str::to_owned).collect()
}

/// What rules and dashboards may name.
pub(crate) fn is_known(metric: &str) -> bool {
    // What Prometheus itself knows of every target of its own.
    metric == "up" || recorded().contains(metric) || catalogue().any(|known| known.name == metric)
}

#[test]
fn rules_name_what_there_is() {
    for file in FILES {
        let text = read(file);
        let expressions = values(&text, "expr");
        let rules = values(&text, "record").len() + values(&text, "alert").len();
        assert_eq!(expressions.len(), rules, "{file}: each expression stands on one line");
        for expression in expressions {
            let metrics = metrics_of(expression);
            assert!(!metrics.is_empty(), "{file}: {expression}");
            for metric in metrics {
                assert!(is_known(&metric), "{file}: there is no {metric}: {expression}");
            }
        }
    }
}

#[test]
fn every_alert_is_tested() {
    let tests = TESTS.map(read).concat();
    for alert in values(&read(FILES[1]), "alert") {
        let cases = tests.split("alertname: ").filter(|case| case.lines().next() == Some(alert));
        assert!(
            cases.filter(|case| case.contains("exp_alerts")).count() > 0,
            "{alert} is never seen to fire"
        );
    }
}

#[test]
fn promtool_accepts_the_rules() {
    let Some(mut promtool) = promtool() else { return };
    promtool.args(["check", "rules", "--lint=all", "--lint-fatal"]).args(FILES.map(repository));
    assert_eq!(complaint(promtool, ""), None);
}

#[test]
fn the_rules_do_what_their_tests_say() {
    let Some(mut promtool) = promtool() else { return };
    promtool.args(["test", "rules"]).args(TESTS.map(repository));
    assert_eq!(complaint(promtool, ""), None);
}
