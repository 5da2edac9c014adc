//! What happens, told to whoever listens: a bounded ring of events that any number of readers follow.
//!
//! ```text
//! looks, findings ──publish──> [ 17 18 19 20 21 22 ] ──read──> listener at 22
//!                               ^ the oldest goes            └─> listener at 18: it is slow, and nobody waits for it
//! ```
//!
//! Who publishes never waits, and a listener is only a number: where it is. One that falls behind the oldest event is told
//! how many it has missed and goes on there; one that comes back goes on after the last event that it knows.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use tokio::sync::watch;

use crate::ticks::{FindingEvent, LostEvent, TargetEvent, TickEvent, WhyLost};

/// Events that are kept for those who are late.
const EVENTS_MAX: usize = 4096;
/// Bytes of all of them.
const BYTES_MAX: usize = 4 << 20;

/// A ring of events.
pub struct Feed {
    /// Tells our numbers from those of an agent before us.
    epoch: u64,
    ring: Mutex<Ring>,
    news: watch::Sender<()>,
}

#[derive(Default)]
struct Ring {
    events: VecDeque<Arc<Event>>,
    bytes: usize,
    /// The number of the next event.
    next: u64,
    closed: bool,
}

/// An event as it is sent.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) number: u64,
    pub(crate) name: &'static str,
    pub(crate) data: String,
    /// The targets that it is about.
    targets: Vec<String>,
}

/// What there is for a listener.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum News {
    /// This event.
    Event(Arc<Event>),
    /// So many are gone; the listener is at the oldest that is left.
    Lost(u64),
    /// Nothing yet.
    Nothing,
    /// Nothing, and nothing will come.
    End,
}

/// Where a listener is.
#[derive(Debug)]
pub(crate) struct Listener {
    next: u64,
    target: Option<String>,
    /// Numbers of an agent before us: what happened in between nobody knows.
    pub(crate) restarted: bool,
}

impl Feed {
    /// An empty one. The epoch, such as the time of the start, has to be another after each start.
    pub fn new(epoch: u64) -> Self {
        Feed { epoch, ring: Mutex::new(Ring { next: 1, ..Ring::default() }), news: watch::Sender::new(()) }
    }

    /// A target was looked at.
    pub fn tick(&self, tick: &TickEvent) {
        self.publish("tick", tick, vec![tick.target.clone()]);
    }

    /// Something happened to a target.
    pub fn target(&self, event: &TargetEvent) {
        self.publish("target", event, vec![event.target.clone()]);
    }

    /// A finding has changed.
    pub fn finding(&self, finding: &FindingEvent) {
        self.publish("finding", finding, finding.targets.clone());
    }

    /// Ends all listening.
    pub(crate) fn close(&self) {
        self.ring().closed = true;
        self.news.send_replace(());
    }

    fn publish(&self, name: &'static str, event: &impl Serialize, targets: Vec<String>) {
        let data = match serde_json::to_string(event) {
            Ok(data) => data,
            Err(error) => return tracing::error!(%error, name, "an event cannot be told"),
        };
        self.ring().push(name, data, targets);
        self.news.send_replace(());
    }

    fn ring(&self) -> MutexGuard<'_, Ring> {
        // Whoever panicked meanwhile has left the ring as it was, or one event longer.
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A listener to all targets or one, from the next event on, or after the one with this id.
    ///
    /// # Errors
    /// When the id is none of ours.
    pub(crate) fn listen(
        &self,
        target: Option<String>,
        last_id: Option<&str>,
    ) -> Result<Listener, NoSuchEvent> {
        let ring = self.ring();
        let Some(last_id) = last_id else {
            return Ok(Listener { next: ring.next, target, restarted: false });
        };
        let parts = last_id
            .split_once('-')
            .and_then(|(epoch, number)| Some((epoch.parse::<u64>().ok()?, number.parse::<u64>().ok()?)));
        match parts {
            Some((epoch, number)) if epoch == self.epoch && number < ring.next => {
                Ok(Listener { next: number.saturating_add(1), target, restarted: false })
            }
            Some((epoch, _)) if epoch != self.epoch => {
                Ok(Listener { next: ring.oldest(), target, restarted: true })
            }
            _ => Err(NoSuchEvent),
        }
    }

    /// The next event for a listener, which it has then seen.
    pub(crate) fn read(&self, listener: &mut Listener) -> News {
        let ring = self.ring();
        if ring.closed {
            return News::End;
        }
        let oldest = ring.oldest();
        if listener.next < oldest {
            let lost = oldest - listener.next;
            listener.next = oldest;
            return News::Lost(lost);
        }
        let seen = usize::try_from(listener.next - oldest).unwrap_or(usize::MAX);
        let wanted = |event: &&Arc<Event>| {
            listener.target.as_ref().is_none_or(|target| event.targets.iter().any(|about| about == target))
        };
        match ring.events.iter().skip(seen).find(wanted).cloned() {
            Some(event) => {
                listener.next = event.number + 1;
                News::Event(event)
            }
            None => {
                listener.next = ring.next;
                News::Nothing
            }
        }
    }

    /// Says when there may be something new.
    pub(crate) fn news(&self) -> watch::Receiver<()> {
        self.news.subscribe()
    }

    /// An event's number as an id that is no other's, also after a restart.
    pub(crate) fn id(&self, number: u64) -> String {
        format!("{}-{number}", self.epoch)
    }
}

/// There has never been an event with this id.
#[derive(Debug)]
pub(crate) struct NoSuchEvent;

impl Listener {
    /// What it is told if events are gone. After that it has seen everything before [`Listener::seen`].
    pub(crate) fn lost(&self, missed: Option<u64>) -> LostEvent {
        LostEvent { missed, why: if missed.is_some() { WhyLost::TooLate } else { WhyLost::Restart } }
    }

    /// The number of the last event that it has seen or has no more to see.
    pub(crate) fn seen(&self) -> u64 {
        self.next.saturating_sub(1)
    }
}

impl Ring {
    /// The number of the oldest event that is kept, or of the next one.
    fn oldest(&self) -> u64 {
        self.events.front().map_or(self.next, |event| event.number)
    }

    fn push(&mut self, name: &'static str, data: String, targets: Vec<String>) {
        self.bytes += data.len();
        self.events.push_back(Arc::new(Event { number: self.next, name, data, targets }));
        self.next += 1;
        while self.events.len() > EVENTS_MAX || self.bytes > BYTES_MAX {
            let Some(oldest) = self.events.pop_front() else { break };
            self.bytes -= oldest.data.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ticks::TargetChange;

    fn feed(events: usize, error: Option<&str>) -> Feed {
        let feed = Feed::new(7);
        for number in 0..events {
            feed.target(&TargetEvent {
                target: format!("{}-1", number % 2),
                at_ms: number as u64,
                change: TargetChange::Failed,
                name: "api".to_owned(),
                error: error.map(str::to_owned),
            });
        }
        feed
    }

    fn numbers(feed: &Feed, listener: &mut Listener) -> Vec<u64> {
        std::iter::from_fn(|| match feed.read(listener) {
            News::Event(event) => Some(event.number),
            _ => None,
        })
        .collect()
    }

    #[test]
    fn who_comes_hears_what_is_new_and_who_comes_back_what_was_missed() {
        let feed = feed(10, None);
        let mut new = feed.listen(None, None).unwrap();
        assert_eq!(feed.read(&mut new), News::Nothing);
        let mut back = feed.listen(None, Some("7-8")).unwrap();
        assert_eq!(numbers(&feed, &mut back), [9, 10]);
        let mut of_one = feed.listen(Some("1-1".to_owned()), Some("7-4")).unwrap();
        assert_eq!(numbers(&feed, &mut of_one), [6, 8, 10]);
        let mut restarted = feed.listen(None, Some("6-2")).unwrap();
        assert!(restarted.restarted && numbers(&feed, &mut restarted).len() == 10);
        for wrong in ["7-11", "7", "x-1", "7--1", ""] {
            assert!(feed.listen(None, Some(wrong)).is_err(), "{wrong}");
        }
        feed.close();
        assert_eq!(feed.read(&mut new), News::End);
    }

    #[test]
    fn who_is_late_is_told_how_many_are_gone() {
        let feed = feed(EVENTS_MAX + 100, None);
        let mut late = feed.listen(None, Some("7-0")).unwrap();
        assert_eq!(feed.read(&mut late), News::Lost(100));
        assert_eq!(late.seen(), 100);
        assert_eq!(numbers(&feed, &mut late).len(), EVENTS_MAX);
    }

    #[test]
    fn long_events_are_fewer() {
        let feed = feed(1000, Some(&"x".repeat(20_000)));
        let ring = feed.ring();
        assert!(ring.bytes <= BYTES_MAX && ring.events.len() > 150 && ring.events.len() < 250);
        assert_eq!(ring.bytes, ring.events.iter().map(|event| event.data.len()).sum::<usize>());
    }
}
