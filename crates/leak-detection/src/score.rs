//! How suspicious one goroutine is: depth, blocked or not, age.

use analysis::{Meanings, Risk};
use snapshot::{Goroutine, Snapshot, Status};

/// Frames from which on a stack is as deep as it can count.
const DEPTH_FULL: u64 = 64;
/// What a goroutine that is not blocked counts of [`WEIGHT_BLOCKED`].
const NOT_BLOCKED: f64 = 0.2;
/// The wait after which age counts 63 % (1 - 1/e), milliseconds.
const AGE_SCALE_MS: f64 = 30_000.0;
/// The share of the depth.
const WEIGHT_DEPTH: f64 = 0.40;
/// The share of being blocked.
const WEIGHT_BLOCKED: f64 = 0.35;
/// The share of the age.
const WEIGHT_AGE: f64 = 0.25;
/// The score from which on the risk is medium.
const MEDIUM_FROM: f64 = 0.35;
/// The score from which on the risk is high.
const HIGH_FROM: f64 = 0.70;
/// A goroutine that has been in a select or channel receive for longer is a high risk whatever its score,
/// milliseconds.
const CHANNEL_WAIT_MS: u64 = 5 * 60_000;

/// How suspicious a goroutine is, with the parts that it comes from, each 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    /// 0.40 depth + 0.35 blocked + 0.25 age.
    pub value: f64,
    /// Frames of its stack by 64, at most 1.
    pub depth: f64,
    /// 1 if it is blocked, else 0.2.
    pub blocked: f64,
    /// 1 - e^(-wait / 30 s); 0 where nobody knows how long it has been waiting.
    pub age: f64,
    /// Whether anybody knows that.
    pub age_known: bool,
    /// Low below 0.35, medium below 0.70, else high; high in any case for who has been in a select or channel receive
    /// for over five minutes.
    pub risk: Risk,
}

/// The score of a goroutine with a stack of `depth` frames that has been waiting for `age_ms` milliseconds.
/// `in_channel_wait` says that it is in a select or channel receive.
pub fn score(depth: u64, is_blocked: bool, age_ms: Option<u64>, in_channel_wait: bool) -> Score {
    #[expect(clippy::cast_precision_loss, reason = "at most 64")]
    let depth = depth.min(DEPTH_FULL) as f64 / DEPTH_FULL as f64;
    let blocked = if is_blocked { 1.0 } else { NOT_BLOCKED };
    #[expect(clippy::cast_precision_loss, reason = "more than 2^53 ms are many lives of the universe")]
    let age = age_ms.map_or(0.0, |ms| 1.0 - (-(ms as f64) / AGE_SCALE_MS).exp());
    let value = WEIGHT_DEPTH * depth + WEIGHT_BLOCKED * blocked + WEIGHT_AGE * age;
    let is_old = in_channel_wait && age_ms.is_some_and(|ms| ms > CHANNEL_WAIT_MS);
    let risk = match value {
        _ if is_old => Risk::High,
        value if value < MEDIUM_FROM => Risk::Low,
        value if value < HIGH_FROM => Risk::Medium,
        _ => Risk::High,
    };
    Score { value, depth, blocked, age, age_known: age_ms.is_some(), risk }
}

/// The score of a goroutine of a snapshot.
pub fn score_of(snapshot: &Snapshot, goroutine: &Goroutine) -> Score {
    let depth = snapshot.frames(goroutine).count() as u64;
    let is_blocked = matches!(goroutine.status, Status::Waiting | Status::Leaked);
    let reason = snapshot.wait_reason(goroutine).unwrap_or_default();
    let in_channel_wait = reason.starts_with("select") || reason.starts_with("chan receive");
    score(depth, is_blocked, Meanings::waited_ms(goroutine), in_channel_wait)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_formula_by_hand() {
        // A worker, 6 frames deep, in a lock for a minute: 0.4 * 0.09375 + 0.35 + 0.25 * (1 - e^-2).
        let worker = score(6, true, Some(60_000), false);
        assert!((worker.value - 0.603_666).abs() < 1e-6, "{worker:?}");
        assert_eq!(worker.risk, Risk::Medium);
        // Running for no known time, 3 deep: 0.4 * 0.046875 + 0.35 * 0.2.
        let running = score(3, false, None, false);
        assert!((running.value - 0.088_75).abs() < 1e-9 && !running.age_known);
        assert_eq!(running.risk, Risk::Low);
        // As deep, blocked and old as can be.
        assert!((score(500, true, Some(u64::MAX), false).value - 1.0).abs() < 1e-9);
    }

    #[test]
    fn five_minutes_in_a_select_are_a_high_risk() {
        assert_eq!(score(2, true, Some(300_000), true).risk, Risk::Medium);
        assert_eq!(score(2, true, Some(300_001), true).risk, Risk::High);
        assert_eq!(score(2, true, Some(300_001), false).risk, Risk::Medium);
        assert_eq!(score(2, true, None, true).risk, Risk::Medium);
    }

    proptest! {
        #[test]
        fn it_is_between_0_and_1_and_grows_with_everything(
            depth in 0u64..1000, more_depth in 0u64..100,
            age: u32, more_age: u32, channel: bool,
        ) {
            let (age, more_age) = (u64::from(age), u64::from(more_age));
            let small = score(depth, false, Some(age), channel);
            prop_assert!((0.0..=1.0).contains(&small.value));
            let unknown = score(depth, false, None, channel);
            prop_assert!(unknown.value <= small.value);
            for larger in [
                score(depth + more_depth, false, Some(age), channel),
                score(depth, true, Some(age), channel),
                score(depth, false, Some(age + more_age), channel),
            ] {
                prop_assert!((0.0..=1.0).contains(&larger.value));
                prop_assert!(larger.value >= small.value && larger.risk >= small.risk);
            }
        }
    }
}
