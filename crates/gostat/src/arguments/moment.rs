//! Which moment of a recording is meant.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clap::Args;
use recording::MomentInfo;

/// What is said of `--at` wherever a recording can be given.
#[derive(Debug, Default, Args)]
pub(crate) struct Moment {
    /// Of a recording, show this moment: its number from 1, or a time as 2026-11-21T12:35:36Z or "2026-11-21 12:35:36"
    /// (UTC), which is the last moment up to then [default: the last, or for stat and sched all].
    #[arg(long, value_name = "N|TIME")]
    pub(crate) at: Option<At>,
}

/// A moment of a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum At {
    /// By its number, from 1.
    Number(usize),
    /// The last one up to this time, milliseconds since the Unix epoch.
    Time(u64),
}

/// A text that names no moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a moment: give its number from 1, or a time as 2026-11-21T12:35:36Z")]
pub(crate) struct AtError;

impl FromStr for At {
    type Err = AtError;

    fn from_str(text: &str) -> Result<Self, AtError> {
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return text.parse().ok().filter(|number| *number > 0).map(At::Number).ok_or(AtError);
        }
        let time: SystemTime = humantime::parse_rfc3339_weak(text).map_err(|_| AtError)?;
        let since = time.duration_since(UNIX_EPOCH).map_err(|_| AtError)?;
        // A time without a fraction is meant to the second: all of it.
        let until = if text.contains('.') { since } else { since + Duration::from_millis(999) };
        u64::try_from(until.as_millis()).map(At::Time).map_err(|_| AtError)
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            At::Number(number) => number.fmt(f),
            At::Time(ms) => f.write_str(&time_text(*ms)),
        }
    }
}

impl At {
    /// The index from 0 of the moment that is meant.
    pub(crate) fn index_in(&self, moments: &[MomentInfo]) -> Option<usize> {
        match *self {
            At::Number(number) => number.checked_sub(1).filter(|index| *index < moments.len()),
            At::Time(ms) => moments.iter().rposition(|moment| moment.taken_at_unix_ms <= ms),
        }
    }
}

/// A time as it can be given to `--at`.
pub(crate) fn time_text(unix_ms: u64) -> String {
    // What is beyond the year 9999 cannot be written so.
    let time = Duration::from_millis(unix_ms.min(253_402_300_799_000));
    humantime::format_rfc3339_millis(UNIX_EPOCH + time).to_string()
}

/// Which moments a recording has.
pub(crate) fn extent(moments: &[MomentInfo]) -> String {
    let time = |moment: Option<&MomentInfo>| time_text(moment.map_or(0, |moment| moment.taken_at_unix_ms));
    format!("{} moments from {} to {}", moments.len(), time(moments.first()), time(moments.last()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_have_numbers_and_times() {
        assert_eq!("3".parse(), Ok(At::Number(3)));
        let time = At::Time(1_795_264_536_999);
        assert_eq!("2026-11-21T12:35:36Z".parse(), Ok(time));
        assert_eq!("2026-11-21 12:35:36".parse(), Ok(time));
        assert_eq!("2026-11-21T12:35:36.250Z".parse(), Ok(At::Time(1_795_264_536_250)));
        assert_eq!(time.to_string().parse(), Ok(time));
        for text in ["", "0", "-1", "now", "2026-", "99999999999999999999999"] {
            assert_eq!(text.parse::<At>(), Err(AtError), "{text:?}");
        }
        assert_eq!(time_text(u64::MAX), "9999-12-31T23:59:59.000Z");
    }
}
