//! The long-running loop.

#![forbid(unsafe_code)]

pub mod config;
mod target;
mod discovery;
mod breaker;
mod budget;
mod watcher;
mod registry;
mod agent;

pub use agent::{Agent, Found};
pub use breaker::BreakerState;
pub use registry::{Observer, Registry, TargetError};
pub use target::{Facts, TargetId};
pub use watcher::{Look, Status};
