//! What still fires and has to be told again: when it is time for which finding.

use std::collections::BTreeMap;

use crate::alert::{Alert, Event, Notice};
use crate::finding::FindingId;

/// When each finding was told last.
#[derive(Debug, Default)]
pub(super) struct Repeats {
    told: BTreeMap<FindingId, u64>,
}

impl Repeats {
    /// Notes what is told anyway.
    pub(super) fn note(&mut self, notice: &Notice) {
        match notice.event {
            Event::Resolved => self.told.remove(&notice.alert.id),
            _ => self.told.insert(notice.alert.id.clone(), notice.at_unix_ms),
        };
    }

    /// What has to be told again now. What fires but was never told here (the agent was started again) counts as told
    /// now, unless it is to be told at once.
    pub(super) fn due(
        &mut self,
        firing: &[Alert],
        now_unix_ms: u64,
        every_ms: u64,
        at_once: bool,
    ) -> Vec<Notice> {
        let mut due = Vec::new();
        let mut told = BTreeMap::new();
        for alert in firing {
            let last = self.told.get(&alert.id).copied();
            let is_due = last.map_or(at_once, |last| now_unix_ms.saturating_sub(last) >= every_ms);
            if is_due {
                due.push(Notice { event: Event::Reminder, at_unix_ms: now_unix_ms, alert: alert.clone() });
            }
            told.insert(alert.id.clone(), if is_due { now_unix_ms } else { last.unwrap_or(now_unix_ms) });
        }
        self.told = told;
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::drill::test_alert;

    #[test]
    fn each_is_told_again_in_its_own_time() {
        let alert = test_alert("sink", 0);
        let firing = std::slice::from_ref(&alert);
        let fired = Notice { event: Event::Fired, at_unix_ms: 1_000, alert: alert.clone() };
        let mut repeats = Repeats::default();
        repeats.note(&fired);
        assert_eq!(repeats.due(firing, 60_999, 60_000, false), []);
        assert_eq!(repeats.due(firing, 61_000, 60_000, false).len(), 1);
        assert_eq!(repeats.due(firing, 62_000, 60_000, false), []);
        assert_eq!(repeats.due(&[], 63_000, 60_000, false), []);
        assert!(repeats.told.is_empty(), "what fires no more is forgotten");
        // After a restart: chats are not told again at once, Alertmanager is.
        assert_eq!(repeats.due(firing, 64_000, 60_000, false), []);
        assert_eq!(Repeats::default().due(firing, 64_000, 60_000, true).len(), 1);
    }
}
