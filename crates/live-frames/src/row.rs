//! A goroutine in a frame.

use snapshot::{Individual, WaitingSince};

/// What a frame says of one place in the runtime's list.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row {
    /// The goroutine's id. Up to 2^53: what a floating-point number can hold.
    pub id: f64,
    /// Since when it waits, milliseconds of the monotonic clock; 0 if unknown.
    pub since_ms: f64,
    /// Its cohort; 0 if there is no goroutine in this place.
    pub cohort: u32,
    /// The P that it runs on or is queued at; -1 for none.
    pub p: i32,
}

/// What two clocks, one of which is rounded, differ by.
const SAME_MOMENT_MS: f64 = 2.0;

impl Row {
    /// A place without a goroutine.
    pub const EMPTY: Row = Row { id: 0.0, since_ms: 0.0, cohort: 0, p: -1 };

    /// A goroutine of a census that was taken at `now_ms`.
    #[expect(clippy::cast_precision_loss, reason = "ids and milliseconds are far below 2^53")]
    pub(crate) fn of(individual: &Individual, cohort: u32, now_ms: f64) -> Row {
        let waited = individual.waiting_since.map(WaitingSince::ms);
        Row {
            id: individual.id.0 as f64,
            since_ms: waited.map_or(0.0, |waited| (now_ms - waited as f64).max(1.0)),
            cohort,
            p: individual.p.unwrap_or(-1),
        }
    }

    /// Whether the other is the same: how long a goroutine waits is rounded anew at each tick.
    pub(crate) fn is_as(&self, other: &Row) -> bool {
        let known = |row: &Row| row.since_ms > 0.0;
        (self.cohort, self.p) == (other.cohort, other.p)
            && self.id.total_cmp(&other.id).is_eq()
            && known(self) == known(other)
            && (self.since_ms - other.since_ms).abs() <= SAME_MOMENT_MS
    }
}
