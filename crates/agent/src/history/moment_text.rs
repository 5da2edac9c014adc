//! Times and widths of slots as they are typed and sent.

use std::str::FromStr;
use std::time::{Duration, UNIX_EPOCH};

/// A moment, told from now or by the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// So long before now.
    Ago(Duration),
    /// Milliseconds since the Unix epoch.
    At(u64),
}

impl Moment {
    /// Now.
    pub const NOW: Moment = Moment::Ago(Duration::ZERO);

    /// Milliseconds since the Unix epoch.
    pub fn unix_ms(self, now_ms: u64) -> u64 {
        match self {
            Moment::Ago(ago) => now_ms.saturating_sub(u64::try_from(ago.as_millis()).unwrap_or(u64::MAX)),
            Moment::At(at_ms) => at_ms,
        }
    }
}

/// How wide a slot is, milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Width(pub u64);

/// Why a word is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WordError {
    /// Neither a duration nor a time.
    #[error("not a time: say how long ago (30s, 15m, 1h30m, 7d) or when (2026-05-17T12:30:00Z, or @SECONDS)")]
    NotATime,
    /// No width of slots.
    #[error("not a width: say 10s, 1m, 1h, and no less than 100ms")]
    NotAWidth,
    /// Nothing that can be told apart.
    #[error("not one of total, state, reason, stack, label:KEY, measure:NAME")]
    NotASubject,
    /// Not a number, or too large.
    #[error("not a number from 1 to {0}")]
    NotANumber(usize),
}

/// Plain numbers are seconds, as everywhere in gostat.
fn duration(text: &str) -> Option<Duration> {
    match text.parse::<u32>() {
        Ok(seconds) => Some(Duration::from_secs(seconds.into())),
        Err(_) => humantime::parse_duration(text).ok(),
    }
}

impl FromStr for Moment {
    type Err = WordError;

    fn from_str(text: &str) -> Result<Self, WordError> {
        if text == "now" {
            return Ok(Moment::NOW);
        }
        if let Some(seconds) = text.strip_prefix('@') {
            // f64 would also take `inf` and `nan`.
            let plain = seconds.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
            let seconds = seconds.parse().ok().filter(|_| plain).map(Duration::try_from_secs_f64);
            return seconds.and_then(Result::ok).and_then(at).ok_or(WordError::NotATime);
        }
        if let Some(ago) = duration(text) {
            return Ok(Moment::Ago(ago));
        }
        // A date, one with hours and minutes, and all of it.
        [text.to_owned(), format!("{text}:00"), format!("{text}T00:00:00")]
            .iter()
            .find_map(|text| humantime::parse_rfc3339_weak(text).ok())
            .and_then(|time| at(time.duration_since(UNIX_EPOCH).ok()?))
            .ok_or(WordError::NotATime)
    }
}

fn at(since_epoch: Duration) -> Option<Moment> {
    // SQLite's numbers are signed.
    let ms = i64::try_from(since_epoch.as_millis()).ok()?;
    Some(Moment::At(ms.unsigned_abs()))
}

impl FromStr for Width {
    type Err = WordError;

    fn from_str(text: &str) -> Result<Self, WordError> {
        let ms = duration(text).and_then(|width| u64::try_from(width.as_millis()).ok());
        ms.filter(|ms| (100..=i64::MAX.unsigned_abs()).contains(ms)).map(Width).ok_or(WordError::NotAWidth)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments() {
        let of = |text: &str| text.parse::<Moment>().map(|moment| moment.unix_ms(10_000_000_000));
        assert_eq!(of("now"), Ok(10_000_000_000));
        assert_eq!(of("90"), Ok(10_000_000_000 - 90_000));
        assert_eq!(of("1h30m"), Ok(10_000_000_000 - 5_400_000));
        assert_eq!(of("20000000h"), Ok(0), "not before the epoch");
        assert_eq!(of("@1.5"), Ok(1_500));
        assert_eq!(of("1970-01-02T00:00:01Z"), Ok(86_401_000));
        assert_eq!(of("1970-01-02 00:00:01"), Ok(86_401_000));
        assert_eq!(of("1970-01-02T00:01"), Ok(86_460_000));
        assert_eq!(of("1970-01-02"), Ok(86_400_000));
        for text in
            ["", "@", "@-1", "@inf", "@1e300", "@99999999999999999999", "soon", "-1h", "1", "1969-01-01"]
        {
            assert_eq!(of(text).is_err(), text != "1", "{text:?}");
        }
    }

    #[test]
    fn widths() {
        let of = |text: &str| text.parse::<Width>().ok().map(|width| width.0);
        assert_eq!(
            (of("10s"), of("1m"), of("5"), of("100ms")),
            (Some(10_000), Some(60_000), Some(5_000), Some(100))
        );
        assert_eq!((of("0"), of("99ms"), of("wide"), of("")), (None, None, None, None));
    }
}
