//! Dividing the share of a processor that the agent may use among the processes that it watches.
//!
//! Each may have an equal part; what some do not need is for the others. So a process with a million goroutines is
//! looked at more rarely, and then without stacks, before others notice anything of it. Pure.

use std::time::Duration;

use crate::config::{Budget, Collect, Watched};

/// What looks at a process cost, processor time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LookCost {
    /// A look at states and wait reasons only.
    pub(crate) counts: Duration,
    /// One at stacks as well.
    pub(crate) stacks: Duration,
}

/// How a process is looked at, as the budget allows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Allowed {
    /// Time between two looks.
    pub(crate) interval: Duration,
    /// What is looked at.
    pub(crate) collect: Collect,
    /// The share of a processor that looking at it may take; `None` if the budget has not been asked.
    pub(crate) share_max: Option<f64>,
}

/// Divides the budget. The results are in the order of `processes`.
pub(crate) fn divide(budget: &Budget, processes: &[(Watched, LookCost)]) -> Vec<Allowed> {
    let whole = budget.cpu_percent / 100.0;
    let wanted: Vec<f64> = processes.iter().map(|(watched, cost)| share(*watched, *cost)).collect();
    let part = equal_part(whole, &wanted);
    let share_max = Some(part.min(whole));
    let each = processes.iter().map(|(watched, cost)| {
        let interval_max = budget.interval_max.max(watched.interval);
        let fitting = |collect: Collect| {
            let needed = share(Watched { collect, ..*watched }, *cost);
            let factor = if needed > part { needed / part } else { 1.0 };
            let interval = watched.interval.mul_f64(factor.min(1e6));
            (interval <= interval_max).then_some(Allowed { interval, collect, share_max })
        };
        let collect = watched.collect.min(Collect::Counts);
        let least = Allowed { interval: interval_max, collect, share_max };
        fitting(watched.collect).or_else(|| fitting(Collect::Counts)).unwrap_or(least)
    });
    each.collect()
}

/// The share of a processor that a process needs.
fn share(watched: Watched, cost: LookCost) -> f64 {
    let cost = match watched.collect {
        Collect::Off => return 0.0,
        Collect::Counts => cost.counts,
        Collect::Stacks => cost.stacks,
    };
    cost.as_secs_f64() / watched.interval.as_secs_f64().max(1e-3)
}

/// The most that one may have so that all together have no more than `whole`; infinite if that is enough for all.
fn equal_part(whole: f64, wanted: &[f64]) -> f64 {
    let mut wanted = wanted.to_vec();
    wanted.sort_unstable_by(f64::total_cmp);
    let mut left = whole;
    for (index, wants) in wanted.iter().enumerate() {
        #[expect(clippy::cast_precision_loss, reason = "there are thousands of processes at most")]
        let part = left / (wanted.len() - index) as f64;
        if *wants > part {
            return part;
        }
        left -= wants;
    }
    f64::INFINITY
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn process(stacks_ms: u64, counts_ms: u64) -> (Watched, LookCost) {
        let watched = Watched { interval: Duration::from_secs(5), collect: Collect::Stacks, leaks: true };
        let cost =
            LookCost { counts: Duration::from_millis(counts_ms), stacks: Duration::from_millis(stacks_ms) };
        (watched, cost)
    }

    fn of(processes: &[(Watched, LookCost)]) -> Vec<(u64, Collect)> {
        let allowed = divide(&Budget::default(), processes);
        allowed.iter().map(|allowed| (allowed.interval.as_secs(), allowed.collect)).collect()
    }

    #[test]
    fn what_fits_stays_as_it_is() {
        // 20 at 4 ms every 5 s are 1.6 % of a processor.
        assert_eq!(of(&[process(4, 1); 20]), [(5, Collect::Stacks); 20]);
    }

    #[test]
    fn the_large_one_pays_for_itself() {
        // 19 small ones need 0.38 %; the large one, with 3 %, gets the other 1.62 %.
        let mut processes = vec![process(1, 1); 19];
        processes.push(process(150, 100));
        let mut expected = vec![(5, Collect::Stacks); 19];
        expected.push((9, Collect::Stacks));
        assert_eq!(of(&processes), expected);
        // 40 % are too many even once a minute, 20 % of counts are not.
        processes[19] = process(2000, 900);
        expected[19] = (55, Collect::Counts);
        assert_eq!(of(&processes), expected);
        processes[19] = process(20_000, 10_000);
        expected[19] = (60, Collect::Counts);
        assert_eq!(of(&processes), expected);
    }

    #[test]
    fn what_is_off_costs_nothing_and_stays_off() {
        let mut off = process(5000, 5000);
        off.0.collect = Collect::Off;
        assert_eq!(of(&[off, process(90, 1)]), [(5, Collect::Off), (5, Collect::Stacks)]);
    }

    proptest! {
        #[test]
        fn all_together_keep_to_it_as_far_as_the_longest_interval_allows(
            costs in prop::collection::vec((0_u64..3000, 0_u64..3000), 1..30),
        ) {
            let budget = Budget::default();
            let processes: Vec<_> = costs.iter().map(|(a, b)| process(*a.max(b), *a.min(b))).collect();
            let allowed = divide(&budget, &processes);
            let mut used = 0.0;
            for (allowed, (watched, cost)) in allowed.iter().zip(&processes) {
                prop_assert!(allowed.interval >= watched.interval && allowed.interval <= budget.interval_max);
                if allowed.interval < budget.interval_max {
                    used += share(Watched { interval: allowed.interval, collect: allowed.collect, ..*watched }, *cost);
                }
            }
            prop_assert!(used <= 0.020_001, "{used}");
        }
    }
}
