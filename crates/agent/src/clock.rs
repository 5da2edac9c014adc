//! The wall clock, as findings, history and metrics count it.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// Unix milliseconds, now.
pub(crate) fn now_unix_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// What says how late it is: the wall clock, or one that tests set.
#[derive(Clone)]
pub(crate) struct Clock(Arc<dyn Fn() -> u64 + Send + Sync>);

impl Clock {
    /// That of the machine.
    pub(crate) fn of_the_machine() -> Self {
        Clock(Arc::new(now_unix_ms))
    }

    /// One that tests set.
    #[cfg(test)]
    pub(crate) fn of(now: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        Clock(Arc::new(now))
    }

    /// Unix milliseconds, now.
    pub(crate) fn now_unix_ms(&self) -> u64 {
        (self.0)()
    }
}
