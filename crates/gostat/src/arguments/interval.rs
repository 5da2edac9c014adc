//! Times as they are typed.

use std::str::FromStr;
use std::time::Duration;

/// Time between two lines, or how long something lasts: from 10 ms, below which gostat would be busy with itself, to a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Interval(pub(crate) Duration);

/// Why a text is no interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum IntervalError {
    #[error("not a time: give seconds, or a unit as in 500ms, 2s, 1m")]
    NotATime,
    #[error("must be between 10ms and 24 hours")]
    OutOfRange,
}

impl FromStr for Interval {
    type Err = IntervalError;

    fn from_str(text: &str) -> Result<Self, IntervalError> {
        // `ms` before `s`, which it ends with.
        let units = [("ms", 0.001), ("s", 1.0), ("m", 60.0), ("h", 3600.0), ("", 1.0)];
        let (number, unit) = units
            .iter()
            .find_map(|&(suffix, unit)| text.strip_suffix(suffix).map(|number| (number, unit)))
            .ok_or(IntervalError::NotATime)?;
        // f64 would also take `inf`, `nan` and `1e3`.
        if !number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
            return Err(IntervalError::NotATime);
        }
        let number: f64 = number.parse().map_err(|_| IntervalError::NotATime)?;
        let interval = Duration::try_from_secs_f64(number * unit).map_err(|_| IntervalError::OutOfRange)?;
        let allowed = Duration::from_millis(10)..=Duration::from_secs(86_400);
        allowed.contains(&interval).then_some(Interval(interval)).ok_or(IntervalError::OutOfRange)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals() {
        let of = |text: &str| text.parse::<Interval>().map(|interval| interval.0.as_millis());
        assert_eq!(of("1"), Ok(1000));
        assert_eq!(of("250ms"), Ok(250));
        assert_eq!(of("1.5s"), Ok(1500));
        assert_eq!(of("2m"), Ok(120_000));
        assert_eq!(of("24h"), Ok(86_400_000));
        for text in ["", "s", "-1", "1e3", "inf", "nan", "1d", "1 s", "."] {
            assert_eq!(of(text), Err(IntervalError::NotATime), "{text:?}");
        }
        for text in ["0", "9ms", "25h", "99999999999999999999999"] {
            assert_eq!(of(text), Err(IntervalError::OutOfRange), "{text:?}");
        }
    }
}
