//! What the agent serves over HTTP.
//!
//! ```text
//! request ──> access (loopback, or a token) ──> limits (time, size, how many at once) ──> route ──> Backend
//!                                                                                          │
//!   /metrics                                  Prometheus and OpenMetrics text              │ agent: targets,
//!   /healthz, /readyz                         is it alive, does it watch?                  │ sessions, history
//!   /targets/ID/debug/pprof/goroutine[leak]   as Go's own net/http/pprof, for any target   │
//!   /api/v1/…                                 everything else, as JSON                     v
//! ```
//!
//! It knows nothing of processes: whoever answers is a [`Backend`]. What a target's memory contains is never served but as
//! what a [`snapshot::Snapshot`] says: states, stacks and labels.

#![forbid(unsafe_code)]

mod history;
mod live;
mod backend;
mod access;
mod answer;
mod routes;
mod server;

pub use axum::body::Bytes;

pub use access::{Access, AccessError};
pub use backend::{
    AskError, Backend, FindingState, FindingsState, Goroutines, Health, SinkState, TargetState, Text,
};
pub use history::{
    FrameJson, GapJson, HistoryAnswer, HistoryQuestion, PastProcess, PastProcesses, SeriesJson, SlotJson,
    StackJson, ValueJson,
};
pub use live::{LiveFrames, LiveViewer, live_viewer};
pub use server::{Server, ServerError};
