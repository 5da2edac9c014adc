//! One sink: what it is told, and the thread that tells it.

use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::alert::{Alert, Event, Notice};
use crate::delivery::counters::SinkCounters;
use crate::delivery::repeats::Repeats;
use crate::delivery::sender::Sender;
use crate::delivery::spool::Spool;
use crate::delivery::state::{Job, State};
use crate::delivery::verdict::Outcome;
use crate::error::AlertingError;
use crate::payload::SinkType;
use crate::settings::SinkSettings;

/// One sink. Taking messages in never waits for it.
pub(super) struct Notifier {
    settings: SinkSettings,
    repeats: Repeats,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

/// What the agent and the sink's thread have in common.
struct Shared {
    state: Mutex<State>,
    /// Something came, was sent, or is to end.
    changed: Condvar,
}

impl Notifier {
    /// Starts the sink's thread, with what an agent before us left on disk.
    pub(super) fn start(settings: &SinkSettings, spools: Option<&Path>) -> Result<Notifier, AlertingError> {
        let sender = Sender::new(settings)?;
        let mut state = State::new(settings);
        if let Some(spools) = spools {
            let (spool, found) = Spool::open(spools, &settings.name)?;
            state.counters.broken = found.broken;
            state.spool = Some(spool);
            for (number, stored, bytes) in found.messages {
                state.next_number = state.next_number.max(number.saturating_add(1));
                state.add(number, stored, bytes);
            }
            state.make_room(settings);
        }
        let shared = Arc::new(Shared { state: Mutex::new(state), changed: Condvar::new() });
        let of_thread = shared.clone();
        let thread = thread::Builder::new()
            .name(format!("alerts-{}", settings.name))
            .spawn(move || run(&sender, &of_thread))
            .map_err(|source| AlertingError::Thread { sink: settings.name.clone(), source })?;
        Ok(Notifier { settings: settings.clone(), repeats: Repeats::default(), shared, thread: Some(thread) })
    }

    /// Takes in what is to be told. Once this returns, it is on disk if it can be.
    pub(super) fn take(&mut self, at_unix_ms: u64, notices: &[Notice], firing: &[Alert]) {
        let wanted: Vec<Notice> = notices.iter().filter_map(|notice| self.wanted(notice)).collect();
        wanted.iter().for_each(|notice| self.repeats.note(notice));
        let again = self.settings.repeat().map_or_else(Vec::new, |every_s| {
            let severe = firing.iter().filter(|alert| alert.severity >= self.settings.min_severity).cloned();
            let at_once = self.settings.sink_type == SinkType::Alertmanager;
            self.repeats.due(&severe.collect::<Vec<_>>(), at_unix_ms, every_s.saturating_mul(1_000), at_once)
        });
        if wanted.is_empty() && again.is_empty() {
            return;
        }
        let mut state = self.shared.lock();
        for notice in wanted {
            // Newer than what it would say.
            state.again.remove(&notice.alert.id);
            state.accept(notice);
        }
        state.again.extend(again.into_iter().map(|notice| (notice.alert.id.clone(), notice)));
        state.make_room(&self.settings);
        drop(state);
        self.shared.changed.notify_all();
    }

    pub(super) fn counters(&self) -> SinkCounters {
        let state = self.shared.lock();
        SinkCounters { queue: state.queue.len(), ..state.counters.clone() }
    }

    /// Waits until nothing waits any more; `false` if that was not so in time.
    pub(super) fn wait_until_empty(&self, deadline: Instant) -> bool {
        let mut state = self.shared.lock();
        while !state.is_empty() {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            state = self.shared.wait(state, left);
        }
        true
    }

    /// Tells the thread to end: what is due is still tried until then.
    pub(super) fn end(&self, at: Instant) {
        self.shared.lock().ends = Some(at);
        self.shared.changed.notify_all();
    }

    /// Waits for the thread, which may be in the middle of its last try.
    pub(super) fn join(&mut self) {
        if let Some(thread) = self.thread.take() {
            // It does not panic; if it did, there is nothing left to do for this sink.
            let _ = thread.join();
        }
    }

    /// What this sink is to be told of a notice, if anything: what escalates past its least severity is new to it.
    fn wanted(&self, notice: &Notice) -> Option<Notice> {
        let least = self.settings.min_severity;
        let event = match notice.event {
            Event::Escalated { from } if from < least => Event::Fired,
            event => event,
        };
        (notice.alert.severity >= least).then(|| Notice { event, ..notice.clone() })
    }
}

impl Drop for Notifier {
    fn drop(&mut self) {
        self.end(Instant::now());
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it holds this; what is in there would still be whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>, at_most: Duration) -> MutexGuard<'a, State> {
        let waited = self.changed.wait_timeout(state, at_most);
        waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

/// The thread of a sink.
fn run(sender: &Sender, shared: &Shared) {
    /// How long to wait where there is nothing to wait for: whatever comes wakes us.
    const LONG: Duration = Duration::from_secs(3_600);
    let mut state = shared.lock();
    loop {
        let now = Instant::now();
        let job = match (state.ends, state.next(sender.settings.sink_type, now)) {
            (Some(ends), _) if now >= ends => return,
            (Some(_), Err(_)) => return,
            (None, Err(until)) => {
                state = shared.wait(state, until.map_or(LONG, |until| until.saturating_duration_since(now)));
                continue;
            }
            (_, Ok(job)) => job,
        };
        state.is_sending = true;
        drop(state);
        let outcome = match &job {
            Job::Message(message) => sender.send(&message.notice),
            Job::Again(notices) if sender.settings.sink_type == SinkType::Alertmanager => {
                sender.send_refresh(notices)
            }
            Job::Again(notices) => notices.first().map_or(Outcome::Delivered, |notice| sender.send(notice)),
        };
        state = shared.lock();
        state.is_sending = false;
        state.record(&sender.settings, &job, outcome);
        shared.changed.notify_all();
    }
}
