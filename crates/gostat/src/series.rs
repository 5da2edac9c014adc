//! Looks at a target, one after the other: of a process as they fall due, of a recording as they were taken.

use std::time::Duration;

use anyhow::Result;
use capture::{Pace, PaceTick, Source, monotonic_ns};

use crate::arguments::Interval;
use crate::ticks::Ticks;

/// A series of looks.
pub(crate) struct Series {
    ticks: Ticks,
    pace: Option<Pace>,
    is_live: bool,
    /// Play a recording as slowly as it was made: our clock less its clock, once the first moment has been shown.
    slowly: Option<Option<u64>>,
}

impl Series {
    /// Looks at `source` once, or every `interval`, `count` times at most. All moments of a recording are looked at
    /// without an interval, with one the first of each; `slowly` waits as long between them as there was time.
    pub(crate) fn new(
        source: &Source,
        interval: Option<Interval>,
        count: Option<u64>,
        slowly: bool,
    ) -> Result<Series> {
        let is_live = matches!(source, Source::Live(_));
        let pace = interval.map(|interval| Pace::new(interval.0)).transpose()?;
        let count = if is_live && pace.is_none() { Some(1) } else { count };
        Ok(Series { ticks: Ticks::new(count)?, pace, is_live, slowly: slowly.then_some(None) })
    }

    /// Waits for the next look; `false` when it is over.
    pub(crate) fn next(&mut self, source: &mut Source) -> Result<bool> {
        if self.is_live {
            return Ok(self.ticks.wait(self.pace.as_ref()));
        }
        loop {
            let Some(at_ns) = source.next_ns() else { return Ok(false) };
            if self.pace.as_ref().is_none_or(|pace| pace.is_due(at_ns)) {
                return Ok(self.wait_for(at_ns) && source.advance()?);
            }
            source.advance()?;
        }
    }

    /// Takes note of when the look began.
    pub(crate) fn began(&mut self, at_ns: u64) -> Option<PaceTick> {
        self.pace.as_mut().map(|pace| pace.began(at_ns))
    }

    fn wait_for(&mut self, at_ns: u64) -> bool {
        if !self.ticks.wait(None) {
            return false;
        }
        let Some(ahead) = &mut self.slowly else { return true };
        let ahead = *ahead.get_or_insert_with(|| monotonic_ns().wrapping_sub(at_ns));
        // No moment is waited for longer than a day: a file may say anything.
        let latest = monotonic_ns().saturating_add(u64::try_from(DAY.as_nanos()).unwrap_or(u64::MAX));
        self.ticks.wait_until(at_ns.wrapping_add(ahead).min(latest))
    }
}

const DAY: Duration = Duration::from_secs(86_400);
