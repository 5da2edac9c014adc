//! What became of the messages of one sink, for metrics and for whoever asks why nothing arrives.

use crate::payload::SinkType;

/// What became of the messages of one sink since the agent started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SinkCounters {
    /// The sink's name.
    pub sink: String,
    /// Its type.
    pub sink_type: SinkType,
    /// Messages that arrived, repetitions included.
    pub sent: u64,
    /// Messages that were given up: refused for good, or not taken in time.
    pub failed: u64,
    /// Tries that failed and were, or will be, made again.
    pub retried: u64,
    /// Messages that went because there were too many.
    pub dropped: u64,
    /// Messages that could not be put on disk: they are sent, but would not survive a restart.
    pub not_spooled: u64,
    /// Files found at the start that could not be read; they are set aside.
    pub broken: u64,
    /// Messages that wait now.
    pub queue: usize,
    /// The last error, without secrets.
    pub last_error: Option<String>,
    /// When it was.
    pub last_error_unix_ms: Option<u64>,
    /// When a message arrived last.
    pub last_success_unix_ms: Option<u64>,
}

impl SinkCounters {
    pub(super) fn new(sink: &str, sink_type: SinkType) -> SinkCounters {
        SinkCounters {
            sink: sink.to_owned(),
            sink_type,
            sent: 0,
            failed: 0,
            retried: 0,
            dropped: 0,
            not_spooled: 0,
            broken: 0,
            queue: 0,
            last_error: None,
            last_error_unix_ms: None,
            last_success_unix_ms: None,
        }
    }

    pub(super) fn fail(&mut self, error: String, now_unix_ms: u64) {
        self.last_error = Some(error);
        self.last_error_unix_ms = Some(now_unix_ms);
    }
}
