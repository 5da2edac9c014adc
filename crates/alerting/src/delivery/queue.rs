//! Messages that wait for one sink: which is next, and which has to go when there are too many.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Instant;

use crate::alert::{Event, Notice};

/// A message that waits.
#[derive(Debug, Clone)]
pub(super) struct Waiting {
    /// Its number: later ones are greater.
    pub(super) number: u64,
    pub(super) notice: Arc<Notice>,
    pub(super) bytes: u64,
    pub(super) accepted_unix_ms: u64,
    /// Tries that this message failed.
    pub(super) failures: u32,
    /// Before this, it is not tried again.
    pub(super) not_before: Option<Instant>,
}

/// What to do next.
#[derive(Debug)]
pub(super) enum Next {
    /// Send this.
    Send(Waiting),
    /// Nothing can be sent before.
    NotBefore(Instant),
    /// There is nothing to send.
    Nothing,
}

/// Messages in the order in which they were accepted.
#[derive(Debug, Default)]
pub(super) struct Queue {
    waiting: VecDeque<Waiting>,
    bytes: u64,
    /// The message that is being sent: it is not dropped meanwhile.
    sending: Option<u64>,
}

impl Queue {
    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    pub(super) fn add(&mut self, message: Waiting) {
        self.bytes += message.bytes;
        self.waiting.push_back(message);
    }

    /// Takes messages out until the rest is within bounds, and gives their numbers: the oldest that tells of a
    /// resolution, with everything before it of the same finding, since that is over; if there is none, the oldest.
    pub(super) fn make_room(&mut self, messages_max: usize, bytes_max: u64) -> Vec<u64> {
        let mut dropped = Vec::new();
        while self.waiting.len() > messages_max || self.bytes > bytes_max {
            let free = |message: &&Waiting| Some(message.number) != self.sending;
            let resolved = |message: &&Waiting| message.notice.event == Event::Resolved;
            let over = self.waiting.iter().filter(free).find(resolved);
            let Some(first) = over.or_else(|| self.waiting.iter().find(free)) else { break };
            let (number, id) = (first.number, first.notice.alert.id.clone());
            let belongs = |message: &&Waiting| message.number <= number && message.notice.alert.id == id;
            let gone: Vec<u64> =
                self.waiting.iter().filter(free).filter(belongs).map(|message| message.number).collect();
            gone.iter().for_each(|number| self.remove(*number));
            dropped.extend(gone);
        }
        dropped
    }

    /// The oldest message that may be sent: one whose time has come, and before which none of the same finding waits.
    pub(super) fn next(&mut self, now: Instant) -> Next {
        let mut before = BTreeSet::new();
        let mut earliest: Option<Instant> = None;
        for message in &self.waiting {
            if !before.insert(&message.notice.alert.id) {
                continue;
            }
            match message.not_before.filter(|at| now < *at) {
                None => {
                    self.sending = Some(message.number);
                    return Next::Send(message.clone());
                }
                Some(at) => earliest = Some(earliest.map_or(at, |earliest| earliest.min(at))),
            }
        }
        earliest.map_or(Next::Nothing, Next::NotBefore)
    }

    /// The message that was being sent is done with: it arrived, or is given up.
    pub(super) fn finish(&mut self, number: u64) {
        self.sending = None;
        self.remove(number);
    }

    /// The message that was being sent waits again. `not_before` is for this message alone.
    pub(super) fn put_off(&mut self, number: u64, not_before: Option<Instant>) {
        self.sending = None;
        if let Some(message) = self.waiting.iter_mut().find(|message| message.number == number) {
            message.failures = message.failures.saturating_add(1);
            message.not_before = not_before;
        }
    }

    fn remove(&mut self, number: u64) {
        let bytes = &mut self.bytes;
        self.waiting.retain(|message| {
            let stays = message.number != number;
            if !stays {
                *bytes = bytes.saturating_sub(message.bytes);
            }
            stays
        });
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::delivery::drill::test_alert;
    use crate::finding::FindingId;

    fn message(number: u64, finding: &str, event: Event) -> Waiting {
        let mut alert = test_alert("sink", 0);
        alert.id = FindingId::hash(&[finding]);
        let notice = Arc::new(Notice { event, at_unix_ms: 0, alert });
        Waiting { number, notice, bytes: 10, accepted_unix_ms: 0, failures: 0, not_before: None }
    }

    fn queue(messages: &[(u64, &str, Event)]) -> Queue {
        let mut queue = Queue::default();
        messages.iter().for_each(|(number, finding, event)| queue.add(message(*number, finding, *event)));
        queue
    }

    fn send(queue: &mut Queue, now: Instant) -> Option<u64> {
        match queue.next(now) {
            Next::Send(message) => Some(message.number),
            _ => None,
        }
    }

    #[test]
    fn what_is_over_goes_first_and_whole() {
        let all = [
            (1, "a", Event::Fired),
            (2, "b", Event::Fired),
            (3, "b", Event::Resolved),
            (4, "c", Event::Resolved),
            (5, "b", Event::Fired),
        ];
        assert_eq!(queue(&all).make_room(4, 1000), [2, 3], "the firing that is over goes with its end");
        assert_eq!(queue(&all).make_room(2, 1000), [2, 3, 4]);
        assert_eq!(queue(&all).make_room(1, 1000), [2, 3, 4, 1]);
        assert_eq!(queue(&all).make_room(5, 45), [2, 3], "bytes count, too");
        let mut sending = queue(&all);
        assert_eq!(send(&mut sending, Instant::now()), Some(1));
        assert_eq!(sending.make_room(0, 0), [2, 3, 4, 5], "what is being sent stays");
    }

    #[test]
    fn order_holds_within_a_finding_and_others_pass() {
        let (now, later) = (Instant::now(), Instant::now() + Duration::from_secs(60));
        let mut queue = queue(&[(1, "a", Event::Fired), (2, "a", Event::Resolved), (3, "b", Event::Fired)]);
        assert_eq!(send(&mut queue, now), Some(1));
        queue.put_off(1, Some(later));
        assert_eq!(send(&mut queue, now), Some(3), "2 has to wait for 1, 3 has not");
        queue.finish(3);
        assert!(matches!(queue.next(now), Next::NotBefore(at) if at == later));
        assert_eq!(send(&mut queue, later), Some(1));
        queue.finish(1);
        assert_eq!(send(&mut queue, now), Some(2));
        queue.finish(2);
        assert!(matches!(queue.next(now), Next::Nothing));
        assert_eq!((queue.len(), queue.bytes), (0, 0));
    }
}
