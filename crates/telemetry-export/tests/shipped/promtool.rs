//! The real promtool, as Debian builds it, and what it says of what is exported.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use telemetry_export::{Format, Limits, catalogue, render};

use crate::samples::{agent_with_everything, failing_target, target_with_everything};

/// promtool, or `None`, said aloud, where it is not unpacked.
pub(crate) fn promtool() -> Option<Command> {
    let cache = std::env::var_os("GOSTAT_CACHE").filter(|cache| !cache.is_empty()).map(PathBuf::from);
    let cache = cache.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache/gostat")))?;
    let path = cache.join("debian-programs/prometheus/usr/bin/promtool");
    if path.is_file() {
        return Some(Command::new(path));
    }
    eprintln!("SKIPPED: prometheus: not unpacked\nhint: scripts/bootstrap test");
    None
}

/// Runs promtool, and gives what it has said if it found something wrong.
pub(crate) fn complaint(mut promtool: Command, input: &str) -> Option<String> {
    let mut child =
        promtool.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // It may complain before it has read all.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (!output.status.success()).then(|| String::from_utf8_lossy(&said).into_owned())
}

/// Every metric that there is, in the format that promtool reads.
fn everything() -> String {
    let targets = [target_with_everything("a"), target_with_everything("b"), failing_target("c")];
    render(Format::Prometheus, &agent_with_everything(), &targets, &Limits::default())
}

#[test]
fn what_is_exported_has_every_metric() {
    let text = everything();
    let missing: Vec<_> =
        catalogue().filter(|metric| !text.contains(&format!("# TYPE {} ", metric.name))).collect();
    assert!(missing.is_empty(), "give them a value in samples.rs: {missing:?}");
}

#[test]
fn promtool_finds_nothing_wrong_with_any_metric() {
    let Some(mut promtool) = promtool() else { return };
    promtool.args(["check", "metrics"]);
    assert_eq!(complaint(promtool, &everything()), None);
}

#[test]
fn promtool_would_find_it() {
    let Some(mut promtool) = promtool() else { return };
    promtool.args(["check", "metrics"]);
    let gauge = everything().replace("# TYPE go_goroutine_count untyped", "# TYPE go_goroutine_count gauge");
    assert!(complaint(promtool, &gauge).unwrap().contains("go_goroutine_count"));
}
