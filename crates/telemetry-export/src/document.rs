//! The page of documentation about metrics, made from the catalogue.

use crate::catalogue::{Kind, Metric, catalogue};
use crate::tags::Tags;

/// What stands above the tables.
const INTRODUCTION: &str = include_str!("document_introduction.txt");

/// The text of `docs/metrics.md`.
pub fn document() -> String {
    let mut page = INTRODUCTION.replace("TARGET_LABELS", &code_list(&Tags::LABELS));
    page.push_str("\n## Metrics of targets\n\n");
    table(&mut page, catalogue().filter(|metric| metric.of_target));
    page.push_str("\n## Metrics of gostat itself\n\n");
    table(&mut page, catalogue().filter(|metric| !metric.of_target));
    page
}

fn table(page: &mut String, metrics: impl Iterator<Item = Metric>) {
    page.push_str("| metric | kind | labels | what it says |\n|---|---|---|---|\n");
    for metric in metrics {
        let kind = match metric.kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
            Kind::Info => "info",
        };
        let convention =
            metric.convention.map(|name| format!(" (OpenTelemetry: `{name}`)")).unwrap_or_default();
        let labels = code_list(metric.labels);
        page.push_str(&format!("| `{}` | {kind} | {labels} | {}{convention} |\n", metric.name, metric.help));
    }
}

fn code_list(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}
