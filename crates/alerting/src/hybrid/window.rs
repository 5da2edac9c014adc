//! A sliding window of values, and its 90th percentile.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

/// The newest values with their times.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Window {
    values: VecDeque<(u64, f64)>,
}

impl Window {
    pub(super) fn forget_before(&mut self, unix_ms: u64) {
        while self.values.front().is_some_and(|(at, _)| *at < unix_ms) {
            self.values.pop_front();
        }
    }

    pub(super) fn add(&mut self, at_unix_ms: u64, value: f64, values_max: usize) {
        self.values.push_back((at_unix_ms, value));
        while self.values.len() > values_max {
            self.values.pop_front();
        }
    }

    /// The least value that at least 90 % are not above (nearest rank); `None` for fewer than `values_min`.
    pub(super) fn p90(&self, values_min: usize) -> Option<f64> {
        if self.values.len() < values_min {
            return None;
        }
        let mut sorted: Vec<f64> = self.values.iter().map(|(_, value)| *value).collect();
        sorted.sort_by(f64::total_cmp);
        let rank = (sorted.len() * 9).div_ceil(10);
        sorted.get(rank.saturating_sub(1)).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::Window;

    #[test]
    fn the_nearest_rank() {
        let mut window = Window::default();
        assert_eq!(window.p90(0), None);
        for value in [7.0, 1.0, 9.0, 3.0, 5.0, 2.0, 8.0, 4.0, 6.0, 10.0] {
            window.add(0, value, 20);
        }
        assert_eq!(window.p90(10), Some(9.0));
        assert_eq!(window.p90(11), None);
        window.add(0, 11.0, 20);
        assert_eq!(window.p90(10), Some(10.0), "of 11, the tenth");
        for _ in 0..3 {
            window.add(1, 0.0, 3);
        }
        assert_eq!(window.p90(3), Some(0.0), "only the newest are kept");
    }
}
