//! Both formats hold for anything that a target may say: read back, it is what was put in.

#![forbid(unsafe_code)]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "for tests only: what goes wrong should stop the test"
)]

use std::collections::{BTreeMap, BTreeSet, HashMap};

use analysis::Fingerprint;
use proptest::prelude::*;
use telemetry_export::{
    AgentSample, Finding, Format, Goroutines, Kind, LABEL_CHARACTERS_MAX, Limits, Look, Outcome, ProcessTags,
    Queue, StackCount, Stacks, Tags, TargetMetrics, TargetSample, catalogue, render,
};

/// Name, labels and value of a line.
type Sample = (String, BTreeMap<String, String>, String);

/// Reads a line as the formats define it, and refuses everything else.
fn sample(line: &str) -> Sample {
    let name_end = line.find(['{', ' ']).unwrap();
    let (name, mut rest) = line.split_at(name_end);
    let mut labels = BTreeMap::new();
    if let Some(inner) = rest.strip_prefix('{') {
        rest = inner;
        loop {
            let (key, after) = rest.split_once("=\"").unwrap();
            let (value, after) = quoted(after);
            assert!(!value.is_empty(), "a label without a value: {line}");
            assert!(labels.insert(key.to_owned(), value).is_none(), "a label twice: {line}");
            rest = match after.strip_prefix(',') {
                Some(more) => more,
                None => after.strip_prefix('}').unwrap(),
            };
            if rest.starts_with(' ') {
                break;
            }
        }
    }
    (name.to_owned(), labels, rest.strip_prefix(' ').unwrap().to_owned())
}

fn quoted(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return (value, &text[at + 1..]),
            '\\' => match characters.next().unwrap().1 {
                'n' => value.push('\n'),
                escaped @ ('\\' | '"') => value.push(escaped),
                other => panic!("no escape: {other}"),
            },
            other => value.push(other),
        }
    }
    panic!("a string without an end: {text}");
}

/// Reads an exposition, and checks all that the format asks for.
fn parsed(format: Format, text: &str) -> Vec<Sample> {
    let body = match format {
        Format::OpenMetrics => text.strip_suffix("# EOF\n").unwrap(),
        Format::Prometheus => text,
    };
    assert!(!body.contains("# EOF") && (body.is_empty() || body.ends_with('\n')));
    let (mut seen_families, mut seen_series, mut samples) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
    let mut family = None;
    let mut lines = body.split_terminator('\n').peekable();
    while let Some(line) = lines.next() {
        if let Some(heading) = line.strip_prefix("# TYPE ") {
            let (name, kind) = heading.split_once(' ').unwrap();
            assert!(seen_families.insert(name.to_owned()), "a family twice: {name}");
            let metric = catalogue()
                .find(|metric| {
                    name == if format == Format::OpenMetrics { metric.family() } else { metric.name }
                })
                .unwrap();
            if let (Format::OpenMetrics, Some(unit)) = (format, metric.unit()) {
                assert_eq!(lines.next().unwrap(), format!("# UNIT {name} {unit}"));
                assert!(name.ends_with(&format!("_{unit}")));
            }
            assert!(lines.next().unwrap().starts_with(&format!("# HELP {name} ")));
            assert_eq!(kind == "counter", metric.kind == Kind::Counter);
            assert!(
                lines.peek().is_some_and(|line| !line.starts_with('#')),
                "a family without samples: {name}"
            );
            family = Some(metric);
            continue;
        }
        assert!(!line.starts_with('#'), "{line}");
        let sample = sample(line);
        let metric = family.unwrap();
        let suffix = sample.0.strip_prefix(metric.name);
        let suffixes: &[&str] = match metric.kind {
            Kind::Histogram => &["_bucket", "_count", "_sum"],
            _ => &[""],
        };
        assert!(suffix.is_some_and(|suffix| suffixes.contains(&suffix)), "between other families: {line}");
        assert!(seen_series.insert((sample.0.clone(), sample.1.clone())), "a series twice: {line}");
        assert!(["+Inf", "-Inf"].contains(&sample.2.as_str()) || sample.2.parse::<f64>().is_ok(), "{line}");
        samples.push(sample);
    }
    samples
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[\\\\\"\n{},= #a]{0,12}",
        "[a-z]{1,3}",
        Just("x".repeat(10_000)),
        Just("other".to_owned()),
    ]
}

prop_compose! {
    fn any_target()(
        texts in prop::collection::vec(any_text(), 5),
        target in any_text(),
        reasons in prop::collection::hash_map(any_text(), 0..100_000_u64, 0..90),
        stacks in prop::collection::hash_map(0..60_u64, (any_text(), 0..100_000_u64), 0..60),
        findings in prop::collection::btree_map(any_text(), 0..9_u64, 0..40),
        seconds in prop::option::of(any::<f64>()),
    ) -> TargetMetrics {
        let [service, version, pod, executable, module]: [String; 5] = texts.try_into().unwrap();
        let process =
            ProcessTags { executable: Some(executable), module: Some(module), ..ProcessTags::default() };
        let tags = Tags {
            target, service: Some(service), version: Some(version), pod: Some(pod), process, ..Tags::default()
        };
        let by_fingerprint: HashMap<_, _> = stacks
            .into_iter()
            .map(|(hash, (function, count))| (Fingerprint(hash), StackCount { count, function }))
            .collect();
        let goroutines = Goroutines {
            count: by_fingerprint.values().map(|stack| stack.count).sum(),
            by_wait_reason: reasons.into_iter().collect(),
            stacks: Some(Stacks { by_fingerprint, unknown: 0 }),
            ..Goroutines::default()
        };
        let mut metrics = TargetMetrics::new(tags, Limits::default());
        let mut sample = TargetSample::failed("timeout", 0, 0);
        metrics.observe(sample.clone());
        sample.outcome = Outcome::Seen(Box::new(Look { goroutines: Some(goroutines), ..Look::default() }));
        sample.cost.seconds = seconds;
        sample.watch.overhead_ratio = seconds;
        sample.findings =
            Some(findings.into_iter().map(|(kind, count)| (Finding { kind, severity: "low" }, count)).collect());
        metrics.observe(sample);
        metrics
    }
}

/// Series that one target can have, whatever it does.
const SERIES_OF_A_TARGET_MAX: usize = 400;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn whatever_targets_say_is_an_exposition(
        targets in prop::collection::vec(any_target(), 0..4),
        sinks in prop::collection::btree_map(any_text(), 0..9_u64, 0..5),
        series in 0..1000_usize,
    ) {
        let agent = AgentSample {
            queues: sinks.iter().map(|(sink, n)| (sink.clone(), Queue { length: *n, capacity: *n })).collect(),
            notifications: sinks.iter().map(|(sink, n)| ((sink.clone(), "failed"), *n)).collect(),
            ..AgentSample::default()
        };
        let limits = Limits { series, ..Limits::default() };
        let [open, older] = [Format::OpenMetrics, Format::Prometheus].map(|format| {
            parsed(format, &render(format, &agent, &targets, &limits))
        });
        prop_assert_eq!(&open, &older, "both say the same");
        let value = |name: &str| open.iter().find(|sample| sample.0 == name).unwrap().2.parse::<usize>().unwrap();
        let of_agent: BTreeSet<_> =
            catalogue().filter(|metric| !metric.of_target).map(|metric| metric.name).collect();
        let of_targets = open.iter().filter(|sample| !of_agent.contains(sample.0.as_str())).count();
        prop_assert_eq!(value("gostat_exposition_series"), of_targets);
        prop_assert!(of_targets <= series);
        let shown = open.iter().filter(|sample| sample.0 == "gostat_target_up").count();
        prop_assert!(of_targets <= shown * SERIES_OF_A_TARGET_MAX);
        prop_assert_eq!(shown + value("gostat_exposition_left_out_targets"), targets.len());
        for (_, labels, _) in &open {
            prop_assert!(labels.values().all(|value| value.chars().count() <= LABEL_CHARACTERS_MAX));
            prop_assert!(labels.values().all(|value| !value.contains(|c: char| c.is_control())));
        }
        let by_stack = |sample: &&Sample| sample.0 == "go_goroutines_by_stack";
        prop_assert!(open.iter().filter(by_stack).count() <= shown * (limits.stacks + 2));
        let sum = |name: &str| -> u64 {
            open.iter().filter(|sample| sample.0 == name).map(|sample| sample.2.parse::<u64>().unwrap()).sum()
        };
        prop_assert_eq!(sum("go_goroutines_by_stack"), sum("go_goroutine_count"), "nobody is lost");
    }
}
