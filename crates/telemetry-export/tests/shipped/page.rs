//! The page about metrics says what the catalogue says.

use std::collections::BTreeSet;

use telemetry_export::{Kind, catalogue, document};

use crate::{read, repository};

#[test]
fn the_page_is_made_from_the_catalogue() {
    let path = "docs/metrics.md";
    if std::env::var_os("GOSTAT_BLESS").is_some() {
        std::fs::write(repository(path), document()).unwrap();
    }
    assert!(
        read(path) == document(),
        "{path} is old\nhint: GOSTAT_BLESS=1 cargo test -p telemetry-export --test shipped"
    );
}

#[test]
fn names_are_as_prometheus_and_openmetrics_want_them() {
    let mut families = BTreeSet::new();
    for metric in catalogue() {
        let name = metric.name;
        assert!(families.insert(metric.family()), "{name}: OpenMetrics has one family of a name");
        let suffix = if name.ends_with("_total") {
            Kind::Counter
        } else if name.ends_with("_info") {
            Kind::Info
        } else if name.contains("_duration_") {
            Kind::Histogram
        } else {
            Kind::Gauge
        };
        assert_eq!(metric.kind, suffix, "{name}");
        assert!(
            !metric.help.is_empty() && !metric.help.ends_with('.') && !metric.help.contains('\n'),
            "{name}"
        );
    }
    for name in families {
        // What OpenMetrics derives from one family's name must not be another's.
        for suffix in ["_total", "_created", "_count", "_sum", "_bucket", "_info"] {
            assert!(!catalogue().any(|other| other.family() == format!("{name}{suffix}")), "{name}{suffix}");
        }
    }
    let conventions: Vec<_> = catalogue().filter_map(|metric| Some((metric.convention?, metric))).collect();
    assert_eq!(conventions.len(), 7);
    for (convention, metric) in conventions {
        let suffix = metric.unit().map(|unit| format!("_{unit}")).unwrap_or_default();
        assert_eq!(metric.family(), convention.replace('.', "_") + &suffix);
    }
}

#[test]
fn the_names_that_users_were_promised_are_there() {
    for (name, labels) in [
        ("go_goroutines_total", &[][..]),
        ("go_goroutines_blocked_seconds_total", &["reason"]),
        ("go_goroutines_by_state", &["state"]),
        ("go_goroutine_count", &[]),
        ("go_schedule_duration_seconds", &[]),
        ("p_lock_duration_seconds", &[]),
        ("plock_held_seconds", &["resource", "holder_id", "stage"]),
        ("p_lock_nesting_depth", &[]),
        ("p_lock_blocked_total", &["cause"]),
    ] {
        assert!(catalogue().any(|metric| metric.name == name && metric.labels == labels), "{name}");
    }
}
