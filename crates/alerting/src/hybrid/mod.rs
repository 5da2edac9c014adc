//! The hybrid rule: a number is alarming only if a baseline, the recent past and what the place tolerates all say so.
//!
//! ```text
//! value > baseline                    static: configured, or learnt once
//! value > P90 of a sliding window     of the values before it
//! value above the higher of both by more than the tolerance of its semantic class
//! ```
//!
//! All three have to hold. The window follows a slow change, so that what has been as it is for long is no news; the
//! baseline does not, so that a quiet night makes no alarm of a normal morning; and the tolerance says how much a
//! payment may deviate (2 %), which is not how much a cache may (5 %) or a login (0.5 %).

mod window;
mod tolerance;

use serde::{Deserialize, Serialize};

pub use tolerance::{SemanticClass, Tolerance, Tolerances};
use window::Window;

/// How a baseline is had.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Baseline {
    /// It is this.
    Fixed(f64),
    /// The mean of the first values times a factor; it stays that until [`HybridRule::learn_again`].
    Learnt {
        /// What the mean is multiplied by. F32 uses 1.8.
        factor: f64,
        /// How many values it takes.
        values: u32,
        /// For how long it learns at least, seconds.
        for_s: u64,
    },
}

/// The settings of one rule.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HybridSettings {
    /// The baseline. By default learnt from 60 values over at least 5 minutes, times 1.8.
    pub baseline: Baseline,
    /// How far back the window goes, seconds. 1800.
    pub window_s: u64,
    /// Values that it has to have before it says anything. 20.
    pub window_values_min: usize,
    /// Values that are kept at most, the newest. 720.
    pub window_values_max: usize,
}

impl Default for HybridSettings {
    fn default() -> HybridSettings {
        HybridSettings {
            baseline: Baseline::Learnt { factor: 1.8, values: 60, for_s: 300 },
            window_s: 1_800,
            window_values_min: 20,
            window_values_max: 720,
        }
    }
}

/// What the rule says of one value.
#[derive(Debug, Clone, PartialEq)]
pub enum Judgement {
    /// Not enough has been seen yet.
    Learning,
    /// At least one of the three does not hold.
    Quiet,
    /// All three hold.
    Alarming(Excess),
}

/// By how much a value is too high.
#[derive(Debug, Clone, PartialEq)]
pub struct Excess {
    /// The value.
    pub value: f64,
    /// The baseline.
    pub baseline: f64,
    /// The P90 of the window.
    pub p90: f64,
    /// By how much it is over the higher of both, as a share of that.
    pub share: f64,
    /// What was tolerated, and for which class.
    pub tolerance: Tolerance,
}

/// The rule for one series of numbers, such as the goroutines of one route of one process.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HybridRule {
    settings: HybridSettings,
    window: Window,
    learning: Learning,
}

/// What the baseline is learnt from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
struct Learning {
    begun_unix_ms: Option<u64>,
    values: u32,
    mean: f64,
    baseline: Option<f64>,
}

impl HybridRule {
    /// A rule that has seen nothing yet.
    pub fn new(settings: HybridSettings) -> HybridRule {
        HybridRule { settings, window: Window::default(), learning: Learning::default() }
    }

    /// Judges a value, then counts it as past. What is no number is passed over.
    pub fn judge(&mut self, at_unix_ms: u64, value: f64, tolerance: &Tolerance) -> Judgement {
        if !value.is_finite() {
            return Judgement::Learning;
        }
        self.window.forget_before(at_unix_ms.saturating_sub(self.settings.window_s.saturating_mul(1_000)));
        let p90 = self.window.p90(self.settings.window_values_min.max(1));
        self.window.add(at_unix_ms, value, self.settings.window_values_max.max(1));
        let baseline = self.baseline(at_unix_ms, value);
        let (Some(baseline), Some(p90)) = (baseline, p90) else { return Judgement::Learning };
        let bar = baseline.max(p90);
        if value <= bar {
            return Judgement::Quiet;
        }
        // Over a bar of nothing, anything is an excess of all of it.
        let share = if bar > 0.0 { (value - bar) / bar } else { 1.0 };
        match share > tolerance.share {
            false => Judgement::Quiet,
            true => Judgement::Alarming(Excess { value, baseline, p90, share, tolerance: tolerance.clone() }),
        }
    }

    /// Forgets what was learnt: after a deployment, for example.
    pub fn learn_again(&mut self) {
        self.learning = Learning::default();
        self.window = Window::default();
    }

    fn baseline(&mut self, at_unix_ms: u64, value: f64) -> Option<f64> {
        let (factor, values, for_s) = match self.settings.baseline {
            Baseline::Fixed(baseline) => return Some(baseline),
            Baseline::Learnt { factor, values, for_s } => (factor, values, for_s),
        };
        let learning = &mut self.learning;
        if learning.baseline.is_none() {
            let begun = *learning.begun_unix_ms.get_or_insert(at_unix_ms);
            learning.values = learning.values.saturating_add(1);
            learning.mean += (value - learning.mean) / f64::from(learning.values);
            let is_long = at_unix_ms.saturating_sub(begun) >= for_s.saturating_mul(1_000);
            if learning.values >= values && is_long {
                learning.baseline = Some(learning.mean * factor);
            }
            // What is learnt from is not judged.
            return None;
        }
        learning.baseline
    }
}

impl Excess {
    /// As a line of evidence: `1260, 5 % over the P90 of the last while (1200; baseline 900); payment tolerates 2 %`.
    pub fn sentence(&self) -> String {
        let Excess { value, baseline, p90, share, tolerance } = self;
        let (bar, other) = match p90 > baseline {
            true => (format!("the P90 of the sliding window ({p90:.0}"), format!("baseline {baseline:.0}")),
            false => (format!("the baseline ({baseline:.0}"), format!("P90 of the sliding window {p90:.0}")),
        };
        let percent = share * 100.0;
        let (class, tolerated) = (&tolerance.class, tolerance.share * 100.0);
        format!("{value:.0}, {percent:.1} % over {bar}; {other}); {class} tolerates {tolerated} %")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tolerance(share: f64) -> Tolerance {
        Tolerance { class: "payment".to_owned(), share }
    }

    fn rule(baseline: Baseline) -> HybridRule {
        HybridRule::new(HybridSettings {
            baseline,
            window_s: 100,
            window_values_min: 10,
            window_values_max: 50,
        })
    }

    /// Judges one value a second.
    fn judge_all(rule: &mut HybridRule, from_s: u64, values: &[f64]) -> Vec<Judgement> {
        let at = |n: usize| (from_s + n as u64) * 1_000;
        values.iter().enumerate().map(|(n, value)| rule.judge(at(n), *value, &tolerance(0.02))).collect()
    }

    #[test]
    fn all_three_have_to_hold() {
        let mut rule = rule(Baseline::Fixed(90.0));
        assert!(judge_all(&mut rule, 0, &[100.0; 10]).iter().all(|said| *said == Judgement::Learning));
        // Over both by 2 % is tolerated, by more is not.
        assert_eq!(rule.judge(10_000, 102.0, &tolerance(0.02)), Judgement::Quiet);
        let Judgement::Alarming(excess) = rule.judge(11_000, 104.0, &tolerance(0.02)) else {
            panic!("quiet")
        };
        assert_eq!((excess.baseline, excess.p90), (90.0, 100.0));
        assert_eq!(
            excess.sentence(),
            "104, 4.0 % over the P90 of the sliding window (100; baseline 90); payment tolerates 2 %"
        );
        // Over the window but under the baseline, and over the baseline but not over the window: quiet.
        let mut under = super::tests::rule(Baseline::Fixed(200.0));
        judge_all(&mut under, 0, &[100.0; 10]);
        assert_eq!(under.judge(10_000, 199.0, &tolerance(0.0)), Judgement::Quiet);
        let mut usual = super::tests::rule(Baseline::Fixed(10.0));
        judge_all(&mut usual, 0, &[100.0; 10]);
        assert_eq!(usual.judge(10_000, 100.0, &tolerance(0.0)), Judgement::Quiet);
    }

    #[test]
    fn a_baseline_is_learnt_once_and_stays() {
        let mut rule = rule(Baseline::Learnt { factor: 1.5, values: 5, for_s: 9 });
        let said = judge_all(&mut rule, 0, &[100.0; 10]);
        assert!(said.iter().all(|said| *said == Judgement::Learning));
        assert_eq!(rule.judge(10_000, 149.0, &tolerance(0.0)), Judgement::Quiet);
        assert!(matches!(rule.judge(11_000, 151.0, &tolerance(0.0)), Judgement::Alarming(_)));
        // The window has gone on, the baseline has not.
        judge_all(&mut rule, 12, &[1000.0; 60]);
        assert_eq!(rule.learning.baseline, Some(150.0));
        assert_eq!(rule.judge(72_000, 1000.0, &tolerance(0.0)), Judgement::Quiet);
        rule.learn_again();
        assert_eq!(rule.judge(73_000, 9000.0, &tolerance(0.0)), Judgement::Learning);
    }

    #[test]
    fn the_window_forgets() {
        let mut rule = rule(Baseline::Fixed(1.0));
        judge_all(&mut rule, 0, &[1000.0; 40]);
        judge_all(&mut rule, 50, &[10.0; 20]);
        // At 141 s all of the high ones are over 100 s old.
        let said = rule.judge(141_000, 20.0, &tolerance(0.5));
        assert!(matches!(said, Judgement::Alarming(Excess { p90: 10.0, .. })), "{said:?}");
    }

    proptest! {
        #[test]
        fn nothing_panics_and_what_falls_is_never_alarming(
            mut values in prop::collection::vec(any::<f64>(), 0..80), share in 0.0f64..1.0,
        ) {
            let mut any = rule(Baseline::Learnt { factor: 1.8, values: 3, for_s: 0 });
            judge_all(&mut any, 0, &values);
            values.retain(|value| value.is_finite());
            values.sort_by(|a, b| b.total_cmp(a));
            let mut falling = rule(Baseline::Fixed(0.0));
            for (n, value) in values.iter().enumerate() {
                let said = falling.judge(n as u64 * 1_000, *value, &tolerance(share));
                prop_assert!(!matches!(said, Judgement::Alarming(_)));
            }
        }
    }
}
