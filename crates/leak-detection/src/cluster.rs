//! When a group of goroutines that do the same is an alarm.

/// More goroutines than this are many.
pub const CLUSTER_COUNT: u64 = 50;
/// A wait longer than this is long, milliseconds.
pub const CLUSTER_AGE_MS: u64 = 300_000;

/// Whether a group is an alarm: more than 50 goroutines, of which the oldest has been waiting for over 300 seconds. A
/// group whose age nobody knows is none.
pub fn is_alert(count: u64, oldest_ms: Option<u64>) -> bool {
    count > CLUSTER_COUNT && oldest_ms.is_some_and(|ms| ms > CLUSTER_AGE_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_have_to_be_exceeded() {
        assert!(is_alert(51, Some(300_001)));
        for (count, age) in [(50, Some(300_001)), (51, Some(300_000)), (51, None), (0, Some(u64::MAX))] {
            assert!(!is_alert(count, age), "{count} {age:?}");
        }
    }
}
