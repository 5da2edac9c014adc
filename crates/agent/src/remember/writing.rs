//! Writing what waits: what fails for now is tried again, what the history does not take is set aside.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use history_store::{Batch, HistoryError, HistoryStore, Retention};

use super::Memory;
use super::waiting::{entries, halves};
use crate::config::Config;
use crate::locks::locked;

/// How often what has come together is written.
const WRITTEN_EVERY: Duration = Duration::from_secs(1);
/// After a failure it is tried again in this time.
const RETRIED_AFTER: Duration = Duration::from_secs(10);

impl Memory {
    /// Writes what comes until it is stopped, and then the rest.
    pub(crate) fn work(&self, mut store: impl HistoryStore, config: &dyn Fn() -> Arc<Config>) {
        loop {
            let pause = if locked(&self.state).error.is_some() { RETRIED_AFTER } else { WRITTEN_EVERY };
            let waiting = locked(&self.waiting);
            let waited = self
                .woken
                .wait_timeout_while(waiting, pause, |waiting| !waiting.stopping && waiting.posted.is_empty());
            let stopping = waited.unwrap_or_else(PoisonError::into_inner).0.stopping;
            self.write(&mut store, &retention(&config()));
            self.write_posted(&mut store);
            if !stopping {
                continue;
            }
            if let Some(error) = self.state().error {
                let waiting = self.state().waiting;
                return tracing::error!(waiting, error, "looks that still wait to be written are lost");
            }
            if !locked(&self.waiting).has_ticks() {
                return;
            }
        }
    }

    /// Writes what waits, as much as may be written at once, and tidies.
    pub(super) fn write(&self, store: &mut impl HistoryStore, retention: &Retention) {
        let batch = locked(&self.waiting).take(self.clock.now_unix_ms());
        let written = self.write_batch(store, batch);
        let written = written.and_then(|()| store.tidy(self.clock.now_unix_ms(), retention).map(drop));
        let mut state = locked(&self.state);
        match &written {
            Ok(()) if state.error.is_some() => tracing::info!("the history can be written again"),
            Err(error) if state.error.is_none() => {
                tracing::error!(error = said(error), "the history cannot be written: what is seen waits");
            }
            _ => {}
        }
        state.error = written.err().map(|error| said(&error));
    }

    /// Writes a batch but for what the history will never take: that is found by halves. What is in the way of all of it
    /// is an error, and what was not written waits again.
    fn write_batch(&self, store: &mut impl HistoryStore, batch: Batch) -> Result<(), HistoryError> {
        // The next one is the last.
        let mut parts = vec![batch];
        while let Some(part) = parts.pop() {
            match store.write(&part) {
                Ok(()) => {
                    locked(&self.state).ticks += part.ticks.len() as u64;
                    locked(&self.waiting).forget(&part.ticks);
                }
                Err(error) if error.is_of_the_batch() => match halves(part) {
                    (first, Some(then)) => parts.extend([then, first]),
                    (one, None) => self.set_aside(&one, &error),
                },
                Err(error) => {
                    parts.push(part);
                    let mut waiting = locked(&self.waiting);
                    parts.into_iter().for_each(|part| waiting.put_back(part));
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    /// Gives up one entry, and says so.
    fn set_aside(&self, entry: &Batch, error: &HistoryError) {
        locked(&self.waiting).forget(&entry.ticks);
        let what = described(entry);
        tracing::error!(what, error = said(error), "the history does not take an entry: it is left out");
        let mut state = locked(&self.state);
        state.refused += entries(entry);
        state.last_refused = Some(format!("{what}: {error}"));
    }
}

/// What a batch of one entry is.
fn described(entry: &Batch) -> String {
    let Batch { at_ms: _, processes, ticks, endings, marks, findings } = entry;
    let of = |pid: Option<u32>| pid.map(|pid| format!(" of process {pid}")).unwrap_or_default();
    let what = [
        processes.first().map(|(key, _)| format!("the description{}", of(Some(key.pid)))),
        ticks.first().map(|tick| format!("a look{}", of(Some(tick.process.pid)))),
        endings.first().map(|(key, _)| format!("the ending{}", of(Some(key.pid)))),
        marks.first().map(|mark| {
            format!("the mark {}{}", mark.kind.name(), of(mark.process.as_ref().map(|key| key.pid)))
        }),
        findings.first().map(|finding| format!("the finding {}", finding.key)),
    ];
    what.into_iter().flatten().next().unwrap_or_default()
}

pub(super) fn said(error: &HistoryError) -> String {
    let hint = error.hint().map(|hint| format!(" ({hint})"));
    format!("{error}{}", hint.unwrap_or_default())
}

fn retention(config: &Config) -> Retention {
    let ms = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    let history = &config.history;
    Retention {
        raw_ms: ms(history.looks),
        minute_ms: ms(history.minutes),
        hour_ms: ms(history.hours),
        bytes_max: history.size_mib << 20,
    }
}
