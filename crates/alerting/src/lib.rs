//! Findings with a life, made of what detectors observe, and their delivery to where people look.
//!
//! ```text
//! leak_detection ──observe_leaks()──> Observation          what one detector saw of one target in one tick
//!                 (and observe_growth(), observe_held_up(), observe_pathologies())
//! numbers ──HybridRule::judge()──> Judgement               too high by baseline, recent past and tolerance?
//! Observations ──Findings::tick()──> Finding               one cause in one service: pending, firing, resolved
//!                                └──> Notice               fired, escalated, resolved: what people are told
//! Notice ──Delivery::hand_over()──> spool, queue, thread   one of each for every sink
//!        ──payload()──> request                            Alertmanager, webhook, Slack, WeCom, DingTalk, Feishu,
//!                                                          PagerDuty
//! ```
//!
//! A leak of 142 stacks in 40 processes is one finding and one alert if one cause has made it: findings are known by
//! kind of trouble, package, route, pool, service and environment. They outlive the processes that have them, and the
//! agent ([`Findings::save`]).
//!
//! Everything up to notices and requests is pure, and takes the time from its arguments; files, threads, sockets and
//! clocks are in the delivery alone. Deliberately absent: detectors, escalation chains and on-call plans, which
//! Alertmanager and PagerDuty have.
//!
//! ```
//! use alerting::*;
//! let seen = Observation {
//!     detector: "leaks",
//!     kind: Kind::LeakProven,
//!     key: CauseKey { package: Some("shop/report".into()), ..CauseKey::default() },
//!     target: TargetTags { pid: 4242, service: Some("checkout".into()), ..TargetTags::default() },
//!     severity: Severity::Critical,
//!     sentence: "25000 goroutines can never run again.".into(),
//!     evidence: Vec::new(),
//!     causes: vec![Cause { function: "report.collect".into(), file: "report.go".into(), line: 88, count: 25_000 }],
//!     count: 25_000,
//!     per_minute: None,
//!     fix: None,
//! };
//! let mut findings = Findings::new(FindingSettings::default());
//! let tick = |at_unix_ms| Tick { at_unix_ms, observations: std::slice::from_ref(&seen), ..Tick::default() };
//! assert!(findings.tick(&tick(1_000)).is_empty());
//! let told = findings.tick(&tick(6_000));
//! assert_eq!(told[0].event, Event::Fired);
//! assert_eq!(told[0].alert.title(), "25000 goroutines leak in report.collect (report.go:88)");
//! ```

#![forbid(unsafe_code)]

mod text;
mod digest;
mod target_tags;
mod observation;
mod observed;
mod hybrid;
mod finding;
mod silence;
mod findings;
mod alert;
mod payload;
mod delivery;
mod settings;
mod error;

pub use alert::{Alert, Event, Notice, TopCause};
pub use delivery::{Address, Delivery, DrillReport, SinkCounters, drill};
pub use error::AlertingError;
pub use finding::{Concerned, Face, Finding, FindingId, Seen, State};
pub use findings::{FindingCounters, FindingSettings, Findings, Judged, Saved, Tick};
pub use hybrid::{
    Baseline, Excess, HybridRule, HybridSettings, Judgement, SemanticClass, Tolerance, Tolerances,
};
pub use observation::{Cause, CauseKey, Family, Kind, Observation, Severity};
pub use observed::{
    BLOCKED, GROWTH, LEAKS, PATHOLOGIES, observe_growth, observe_held_up, observe_leaks, observe_pathologies,
};
pub use payload::{Envelope, Payload, SinkType, payload};
pub use settings::{AlertSettings, SinkSettings};
pub use silence::{Matcher, Silence};
pub use target_tags::{TargetKey, TargetTags};
