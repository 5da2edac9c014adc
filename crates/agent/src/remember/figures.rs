//! Figures of control groups, as ticks have them. The names are a contract: histories have them.

use history_store::{Measure, MeasureKind};
use linux_process::CgroupFigures;

/// Those that are known.
pub(super) fn measures(figures: &CgroupFigures) -> Vec<Measure> {
    use MeasureKind::{Counter, Gauge};
    let named = [
        ("cgroup_cpu_periods", Counter, figures.cpu_periods),
        ("cgroup_cpu_throttled_periods", Counter, figures.cpu_throttled_periods),
        ("cgroup_cpu_throttled_us", Counter, figures.cpu_throttled_us),
        ("cgroup_cpu_limit_millis", Gauge, figures.cpu_limit_millis),
        ("cgroup_memory_bytes", Gauge, figures.memory_bytes),
        ("cgroup_memory_limit_bytes", Gauge, figures.memory_limit_bytes),
        ("cgroup_memory_limit_hits", Counter, figures.memory_limit_hits),
        ("cgroup_memory_oom_kills", Counter, figures.memory_oom_kills),
    ];
    let named = named.into_iter().filter_map(|(name, kind, value)| Some((name.to_owned(), kind, value?)));
    let stalled = figures
        .stalled_us
        .iter()
        .map(|((resource, share), us)| (format!("cgroup_{resource}_stalled_{share}_us"), Counter, *us));
    let measure = |(name, kind, value): (String, _, u64)| Measure {
        name: name.into(),
        kind,
        value: i64::try_from(value).unwrap_or(i64::MAX),
    };
    named.chain(stalled).map(measure).collect()
}
