//! Watching every Go process of a machine, for ever.
//!
//! ```text
//! /proc ──discovery──> Registry ──look──> Census ──┬──> remember ──> history.sqlite
//!                        │  ^ breaker, budget      ├──> measure ───> /metrics
//!                        │                         ├──> broadcast ─> /api/v1/ticks
//!                        │                         └──> growths ──> searches ──> judge ──> findings, alerts
//!                        └── sessions ──> explain, live ──> answers ──> web-server
//! ```
//!
//! [`Service`] is all of it: it starts the parts in order and ends them in the opposite one. [`Agent`] is the heart alone,
//! for whoever wants to observe looks in another way. Threads: two look, one finds processes, one searches for leaks, one
//! judges and hands alerts over, one writes the history, one serves; each sink of alerts, and each target that somebody
//! watches live, has one more. Looks wait for
//! none of the others.
//!
//! Deliberately absent: what to do with a snapshot (`analysis`, `leak-detection`), how things are shown (`report`,
//! `telemetry-export`, `web-server`), and signals and logs of the process, which are the binary's.
//!
//! ```
//! use agent::config::Config;
//!
//! let config = Config::parse("interval = \"1s\"\n[[targets]]\nname = \"batch-*\"\ncollect = \"off\"").unwrap();
//! assert_eq!(config.interval.as_secs(), 1);
//! let wrong = Config::parse("intervall = \"1s\"").unwrap_err();
//! assert_eq!(wrong.hint.as_deref(), Some("did you mean \"interval\"?"));
//! ```

#![forbid(unsafe_code)]

pub mod config;
mod clock;
mod locks;
mod target;
mod discovery;
mod breaker;
mod budget;
mod watcher;
mod cell;
mod registry;
mod agent;
mod growths;
mod rise;
mod judge;
mod searches;
mod turns;
mod remember;
mod measure;
mod broadcast;
pub mod history;
mod explain;
mod found;
mod user_marks;
mod live;
mod answers;
mod service;

pub use agent::{Agent, Found};
pub use breaker::BreakerState;
pub use judge::{FindingsView, Judge};
pub use registry::{Observer, Registry, TargetError};
pub use remember::{EarlierPrograms, FILE as HISTORY_FILE, Remembered};
pub use searches::Searched;
pub use service::{Service, ServiceError};
pub use target::{Facts, TargetId};
pub use watcher::{Look, Status};
