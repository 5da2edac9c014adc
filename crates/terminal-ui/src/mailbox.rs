//! Where events wait for the thread that draws: bounded, and of what is replaced by the next one, only the newest.

use std::collections::VecDeque;
use std::mem::discriminant;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::event::Event;

/// Keys that wait at most; whoever types faster than a picture a minute loses some.
const EVENTS_MAX: usize = 256;

/// Both ends of a queue of events.
#[derive(Debug, Clone, Default)]
pub(crate) struct Mailbox {
    inner: Arc<Inner>,
    /// Of which target this end is; what is told of one that is not watched any more is not heard.
    target: Option<u64>,
}

#[derive(Debug, Default)]
struct Inner {
    events: Mutex<VecDeque<Event>>,
    arrived: Condvar,
    /// The target that is watched.
    target: AtomicU64,
}

impl Mailbox {
    /// An end for a new target. What the one before has told is forgotten.
    pub(crate) fn of_new_target(&self) -> Mailbox {
        let mut events = self.lock();
        let target = self.inner.target.fetch_add(1, Ordering::Relaxed) + 1;
        events.retain(|event| !is_of_target(event));
        Mailbox { inner: Arc::clone(&self.inner), target: Some(target) }
    }

    /// Adds an event. Looks and the like take the place of one that nobody has seen yet.
    pub(crate) fn send(&self, event: Event) {
        let mut events = self.lock();
        if self.target.is_some_and(|target| target != self.inner.target.load(Ordering::Relaxed)) {
            return;
        }
        if let Event::Fleet(_)
        | Event::Look(_)
        | Event::Arranged(_)
        | Event::Recorded(Some(_))
        | Event::Resize(..) = event
        {
            events.retain(|waiting| discriminant(waiting) != discriminant(&event) || is_end(waiting));
        }
        let is_key = matches!(event, Event::Key(_));
        if !is_key || events.len() < EVENTS_MAX {
            events.push_back(event);
            self.inner.arrived.notify_one();
        }
    }

    /// The next event, if there is one in time.
    pub(crate) fn receive(&self, timeout: Duration) -> Option<Event> {
        let events = self.lock();
        let waited = self.inner.arrived.wait_timeout_while(events, timeout, |events| events.is_empty());
        let (mut events, _) = waited.unwrap_or_else(PoisonError::into_inner);
        events.pop_front()
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Event>> {
        // A thread that panicked left whole events behind.
        self.inner.events.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_of_target(event: &Event) -> bool {
    matches!(
        event,
        Event::Look(_) | Event::Arranged(_) | Event::Gone(_) | Event::Recorded(_) | Event::Search(..)
    )
}

/// The end of a recording is no news that the next one replaces.
fn is_end(event: &Event) -> bool {
    matches!(event, Event::Recorded(None))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Key;

    #[test]
    fn sizes_replace_each_other_and_keys_do_not() {
        let mailbox = Mailbox::default();
        for width in 1..=3 {
            mailbox.send(Event::Resize(width, 1));
            mailbox.send(Event::Key(Key::Up));
        }
        let mut left = Vec::new();
        while let Some(event) = mailbox.receive(Duration::ZERO) {
            left.push(event);
        }
        assert_eq!(left.iter().filter(|event| matches!(event, Event::Key(_))).count(), 3);
        assert_eq!(left.iter().filter(|event| matches!(event, Event::Resize(3, _))).count(), 1);
        assert_eq!(left.len(), 4);
    }

    #[test]
    fn who_is_not_watched_any_more_is_not_heard() {
        let mailbox = Mailbox::default();
        let one = mailbox.of_new_target();
        one.send(Event::Recorded(None));
        let other = mailbox.of_new_target();
        assert!(mailbox.receive(Duration::ZERO).is_none());
        one.send(Event::Recorded(None));
        assert!(mailbox.receive(Duration::ZERO).is_none());
        other.send(Event::Recorded(None));
        assert!(mailbox.receive(Duration::ZERO).is_some());
    }

    #[test]
    fn keys_are_bounded() {
        let mailbox = Mailbox::default();
        (0..10 * EVENTS_MAX).for_each(|_| mailbox.send(Event::Key(Key::Up)));
        assert_eq!(mailbox.lock().len(), EVENTS_MAX);
    }
}
