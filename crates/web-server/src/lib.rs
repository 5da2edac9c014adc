//! What the agent serves over HTTP.
//!
//! ```text
//! connection ──> TLS? ──> access (loopback, a token, a certificate) ──> limits (time, size) ──> route ──> Backend
//!                                                                                          │
//!   /metrics                                  Prometheus and OpenMetrics text              │ agent: targets,
//!   /healthz, /readyz                         is it alive, does it watch?                  │ sessions, history
//!   /targets/ID/debug/pprof/goroutine[leak]   as Go's own net/http/pprof, for any target   │
//!   /api/v1/ticks                             looks and findings as they come  <── Feed <──┤
//!   /api/v1/…                                 everything else, as JSON                     v
//! ```
//!
//! All routes stand in one table (`routes/table.rs`), of which the server, its index and the OpenAPI document are made.
//!
//! It knows nothing of processes: whoever answers is a [`Backend`]. What a target's memory contains is never served but as
//! what a [`snapshot::Snapshot`] says: states, stacks and labels.

#![forbid(unsafe_code)]

mod history;
mod live;
mod ticks;
mod feed;
mod backend;
mod tls;
mod session;
mod access;
mod answer;
mod parameters;
mod routes;
mod openapi;
mod connections;
mod server;

pub use axum::body::Bytes;

pub use access::{Access, AccessError, AccessFiles};
pub use backend::{
    AskError, Backend, FindingState, FindingsPast, FindingsState, Goroutines, Health, SinkState, TargetState,
    Text,
};
pub use feed::Feed;
pub use history::{
    FindingsQuestion, FrameJson, GapJson, HistoryAnswer, HistoryQuestion, MarkJson, Marks, MarksQuestion,
    NewMark, NewMarkKind, PastProcess, PastProcesses, SeriesJson, SlotJson, StackJson, ValueJson,
};
pub use live::{LiveFrames, LiveViewer, live_viewer};
pub use openapi::document;
pub use server::{Server, ServerError};
pub use ticks::{
    FindingEvent, LostEvent, ReasonCount, SchedulerCounts, TargetChange, TargetEvent, TickEvent, WhyLost,
};
pub use tls::TlsError;
