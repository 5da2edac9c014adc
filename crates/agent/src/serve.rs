//! Answers for the web server.

use std::sync::Arc;

use capture::{AttachError, CaptureError, LeakSearch, Options, Session};
use pprof_profile::Mapping;
use web_server::{AskError, Backend, Goroutines, Health, TargetState, Text};

use crate::agent::{Agent, Found};
use crate::registry::{Registry, TargetError};
use crate::watcher::Status;

/// An agent's answers.
pub struct Answers {
    agent: Arc<Agent>,
    metrics: Box<dyn Fn(Option<&str>) -> Text + Send + Sync>,
}
