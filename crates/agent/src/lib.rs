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
mod growths;
mod judge;
mod searches;
mod remember;
mod measure;
pub mod history;
mod answers;
mod service;

pub use agent::{Agent, Found};
pub use breaker::BreakerState;
pub use judge::{FindingsView, Judge};
pub use registry::{Observer, Registry, TargetError};
pub use remember::{FILE as HISTORY_FILE, Remembered};
pub use searches::Searched;
pub use service::{Service, ServiceError};
pub use target::{Facts, TargetId};
pub use watcher::{Look, Status};
