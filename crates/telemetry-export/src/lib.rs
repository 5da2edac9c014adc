//! What gostat knows of its targets and of itself, as metrics for Prometheus and everything that reads its formats.
//!
//! ```text
//! Census ──TargetSample::seen()──┐
//! a tick that failed ──failed()──┴─> TargetMetrics::observe() ──┐   counters that never fall, top stacks
//!                                                               ├─ render(Format) ─> text of /metrics
//! AgentSample ──────────────────────────────────────────────────┘
//! catalogue() ──> every metric there is; document() ──> docs/metrics.md; promtool and Grafana files are checked with it
//! ```
//!
//! What nobody knows is absent: no series, never a 0. A metric is exported by being in the catalogue, where its name,
//! its meaning and how it is read stand together. The number of series is bounded by [`Limits`], for one target by
//! summing up what is beyond them, for all by leaving out whole targets and saying so. Text of targets (function names,
//! wait reasons, tags) is made printable, cut visibly and escaped.
//!
//! The exposition is written here and not by `prometheus-client` (0.25.2, by its source): that crate writes OpenMetrics only,
//! and the older format, which `promtool check metrics` and older scrapers read, differs in names and types of families,
//! not only in its last line; its labels cannot be shared by the series of a target; and writing is the small part.
//!
//! Deliberately absent: sockets and HTTP (the agent's), clocks, and remote write.
//!
//! ```
//! use telemetry_export::{AgentSample, Format, Limits, Tags, TargetMetrics, TargetSample, render};
//! let limits = Limits::default();
//! let tags = Tags { target: "4242".to_owned(), service: Some("shop".to_owned()), ..Tags::default() };
//! let mut metrics = TargetMetrics::new(tags, limits);
//! metrics.observe(TargetSample::failed("not_permitted", 1_700_000_000_000, 5_000_000_000));
//! let text = render(Format::OpenMetrics, &AgentSample::default(), [&metrics], &limits);
//! assert!(text.contains("gostat_target_up{target=\"4242\",service=\"shop\"} 0\n"));
//! assert!(!text.contains("go_goroutine_count"), "nobody knows how many there are");
//! assert!(text.ends_with("# EOF\n"));
//! ```

#![forbid(unsafe_code)]

mod tags;
mod look;
mod target_sample;
mod limits;
mod label_value;
mod counted_names;
mod top_stacks;
mod histogram;
mod thread_locks;
mod target_metrics;
mod agent_sample;
mod points;
mod catalogue;
mod format;
mod exposition;
mod document;

pub use agent_sample::{AgentSample, Queue};
pub use catalogue::{Kind, Metric, catalogue};
pub use document::document;
pub use exposition::render;
pub use format::Format;
pub use limits::{LABEL_CHARACTERS_MAX, Limits};
pub use look::{Goroutines, Look, SchedulerFigures, StackCount, Stacks};
pub use tags::{ProcessTags, Tags};
pub use target_metrics::TargetMetrics;
pub use target_sample::{
    Breaker, CgroupFigures, Detail, Finding, LeakFigures, Outcome, TargetSample, TickCost, Watch,
};
pub use thread_locks::ThreadLock;
