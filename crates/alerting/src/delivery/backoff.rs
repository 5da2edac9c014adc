//! How long to wait before the next try.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

/// Twice as long after each failure, give or take a quarter, so that many agents do not come back at once; as long as
/// the receiver asks for, if that is longer; and never longer than the most.
pub(super) fn backoff(
    first: Duration,
    most: Duration,
    failures: u32,
    at_least: Option<Duration>,
) -> Duration {
    let doubled = first.saturating_mul(1u32.checked_shl(failures.saturating_sub(1)).unwrap_or(u32::MAX));
    spread(doubled.min(most), random()).max(at_least.unwrap_or_default()).min(most)
}

/// Between three and five quarters of a time, by a number.
fn spread(time: Duration, random: u64) -> Duration {
    let thousandths = 750 + u32::try_from(random % 501).unwrap_or_default();
    time.saturating_mul(thousandths) / 1_000
}

/// A number that is another one each time: the standard library's hashers have keys from the system's generator.
fn random() -> u64 {
    RandomState::new().hash_one(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn it_doubles_and_has_an_end() {
        let most = Duration::from_secs(60);
        for (failures, expected_s) in
            [(0, 1), (1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (40, 60), (u32::MAX, 60)]
        {
            let wait = backoff(SECOND, most, failures, None);
            let expected = SECOND * expected_s;
            assert!(wait >= expected * 3 / 4 && wait <= (expected * 5 / 4).min(most), "{failures}: {wait:?}");
        }
        assert_eq!(backoff(SECOND, most, 1, Some(SECOND * 30)), SECOND * 30);
        assert_eq!(
            backoff(SECOND, most, 1, Some(SECOND * 3_000)),
            most,
            "no receiver may send us away for ever"
        );
    }

    #[test]
    fn waits_differ() {
        assert_eq!((spread(SECOND, 0), spread(SECOND, 500)), (SECOND * 3 / 4, SECOND * 5 / 4));
        let waits: std::collections::BTreeSet<u64> = (0..20).map(|_| random()).collect();
        assert!(waits.len() > 1);
    }
}
