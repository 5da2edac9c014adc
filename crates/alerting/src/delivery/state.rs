//! The state of one sink: what waits, what is next, and what comes of each try.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::alert::Notice;
use crate::delivery::backoff::backoff;
use crate::delivery::counters::SinkCounters;
use crate::delivery::queue::{Next, Queue, Waiting};
use crate::delivery::sender::now_unix_ms;
use crate::delivery::spool::{Spool, Stored};
use crate::delivery::verdict::Outcome;
use crate::finding::FindingId;
use crate::payload::SinkType;
use crate::settings::SinkSettings;

/// Alerts that are told again in one request.
const REFRESH_MAX: usize = 64;

/// What waits for a sink, and what became of the rest.
pub(super) struct State {
    pub(super) queue: Queue,
    pub(super) next_number: u64,
    /// What still fires and is to be told again. A newer one takes the place of the one before.
    pub(super) again: BTreeMap<FindingId, Notice>,
    pub(super) spool: Option<Spool>,
    pub(super) counters: SinkCounters,
    /// Failures of the sink since it last took something.
    failures: u32,
    not_before: Option<Instant>,
    pub(super) is_sending: bool,
    /// No message is begun after this.
    pub(super) ends: Option<Instant>,
}

/// What the thread is to do.
pub(super) enum Job {
    Message(Waiting),
    Again(Vec<Notice>),
}

impl State {
    pub(super) fn new(settings: &SinkSettings) -> State {
        State {
            queue: Queue::default(),
            next_number: 1,
            again: BTreeMap::new(),
            spool: None,
            counters: SinkCounters::new(&settings.name, settings.sink_type),
            failures: 0,
            not_before: None,
            is_sending: false,
            ends: None,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.queue.len() == 0 && self.again.is_empty() && !self.is_sending
    }

    pub(super) fn accept(&mut self, notice: Notice) {
        let number = self.next_number;
        self.next_number += 1;
        let stored = Stored { accepted_unix_ms: now_unix_ms(), notice };
        let bytes = match &self.spool {
            None => serde_json::to_vec(&stored).map_or(0, |text| text.len() as u64),
            Some(spool) => spool.write(number, &stored).unwrap_or_else(|error| {
                self.counters.not_spooled += 1;
                self.counters.fail(format!("cannot keep it on disk: {error}"), stored.accepted_unix_ms);
                serde_json::to_vec(&stored).map_or(0, |text| text.len() as u64)
            }),
        };
        self.add(number, stored, bytes);
    }

    pub(super) fn add(&mut self, number: u64, stored: Stored, bytes: u64) {
        self.queue.add(Waiting {
            number,
            notice: Arc::new(stored.notice),
            bytes,
            accepted_unix_ms: stored.accepted_unix_ms,
            failures: 0,
            not_before: None,
        });
    }

    pub(super) fn make_room(&mut self, settings: &SinkSettings) {
        let dropped = self.queue.make_room(settings.queue_max, settings.queue_bytes_max);
        self.counters.dropped += dropped.len() as u64;
        dropped.into_iter().for_each(|number| self.remove(number));
    }

    fn finish(&mut self, number: u64) {
        self.queue.finish(number);
        self.remove(number);
    }

    fn remove(&mut self, number: u64) {
        if let Some(Err(error)) = self.spool.as_ref().map(|spool| spool.remove(number)) {
            self.counters
                .fail(format!("cannot delete it from disk, it will be sent again: {error}"), now_unix_ms());
        }
    }

    /// What to do now, or until when there is nothing to do.
    pub(super) fn next(&mut self, sink: SinkType, now: Instant) -> Result<Job, Option<Instant>> {
        if let Some(at) = self.not_before.filter(|at| now < *at) {
            return Err(Some(at));
        }
        let later = match self.queue.next(now) {
            Next::Send(message) => return Ok(Job::Message(message)),
            Next::NotBefore(at) => Some(at),
            Next::Nothing => None,
        };
        let at_once = if sink == SinkType::Alertmanager { REFRESH_MAX } else { 1 };
        let mut again = Vec::new();
        while let Some((_, notice)) = (again.len() < at_once).then(|| self.again.pop_first()).flatten() {
            again.push(notice);
        }
        if again.is_empty() { Err(later) } else { Ok(Job::Again(again)) }
    }

    /// Notes what came of a try.
    pub(super) fn record(&mut self, settings: &SinkSettings, job: &Job, outcome: Outcome) {
        let now_unix = now_unix_ms();
        let (first, most) =
            (Duration::from_millis(settings.retry_first_ms), Duration::from_millis(settings.retry_max_ms));
        let message = match job {
            Job::Message(message) => Some(message),
            Job::Again(_) => None,
        };
        let (error, not_before) = match outcome {
            Outcome::Delivered => {
                self.counters.sent += 1;
                self.counters.last_success_unix_ms = Some(now_unix);
                (self.failures, self.not_before) = (0, None);
                message.into_iter().for_each(|message| self.finish(message.number));
                return;
            }
            Outcome::Refused { error } => {
                self.counters.failed += 1;
                self.counters.fail(error, now_unix);
                message.into_iter().for_each(|message| self.finish(message.number));
                return;
            }
            Outcome::Wait { at_least, error } => {
                self.failures = self.failures.saturating_add(1);
                self.not_before = Some(Instant::now() + backoff(first, most, self.failures, at_least));
                (error, None)
            }
            Outcome::Again { error } => {
                let failures = message.map_or(1, |message| message.failures.saturating_add(1));
                (error, Some(Instant::now() + backoff(first, most, failures, None)))
            }
        };
        self.counters.fail(error, now_unix);
        // What is told again anyway is not tried again.
        let Some(message) = message else { return };
        let waited_ms = now_unix.saturating_sub(message.accepted_unix_ms);
        if waited_ms >= settings.give_up_after_s.saturating_mul(1_000) {
            self.counters.failed += 1;
            self.finish(message.number);
        } else {
            self.counters.retried += 1;
            self.queue.put_off(message.number, not_before);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_success_ends_the_waiting() {
        let settings = SinkSettings::new("team", SinkType::Webhook);
        let mut state = State::new(&settings);
        let again = || Job::Again(Vec::new());
        for failures in 1..=3 {
            let outcome = Outcome::Wait { at_least: None, error: "down".to_owned() };
            state.record(&settings, &again(), outcome);
            assert_eq!(state.failures, failures);
            assert!(matches!(state.next(SinkType::Webhook, Instant::now()), Err(Some(_))));
        }
        state.record(&settings, &again(), Outcome::Delivered);
        assert_eq!(state.failures, 0);
        assert!(matches!(state.next(SinkType::Webhook, Instant::now()), Err(None)));
    }
}
