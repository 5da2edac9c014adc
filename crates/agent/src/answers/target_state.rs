//! A target as the web server shows it.

use std::time::Duration;

use web_server::TargetState;

use crate::config::Collect;
use crate::watcher::Status;

pub(super) fn state(status: &Status) -> TargetState {
    let (facts, target) = (&status.facts, &status.facts.target);
    let ms = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    TargetState {
        id: facts.id.to_string(),
        pid: target.pid,
        name: target.name.clone(),
        executable: target.executable.clone(),
        go_version: target.go_version.clone(),
        module: target.module.clone(),
        module_version: target.module_version.clone(),
        user: facts.user.clone(),
        container: facts.container.as_ref().map(|container| container.id.clone()),
        labels: facts.labels.clone(),
        enabled: !status.disabled,
        collect: if status.disabled { Collect::Off.name() } else { status.collect.name() },
        collect_wanted: status.wanted.collect.name(),
        interval_ms: ms(status.interval),
        interval_wanted_ms: ms(status.wanted.interval),
        breaker: status.breaker.name(),
        looks: status.looks,
        failed: status.failed,
        timed_out: status.timed_out,
        missed: status.missed,
        looked_at_ms: status.looked_at_unix_ms,
        goroutines: status.goroutines,
        cpu_us: u64::try_from(status.cpu.as_micros()).unwrap_or(u64::MAX),
        error: status.error.clone(),
    }
}
