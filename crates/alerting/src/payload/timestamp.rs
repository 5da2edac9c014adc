//! Times as receivers and people read them.

use std::time::{Duration, UNIX_EPOCH};

/// The end of the year 9999, beyond which RFC 3339 has no notation.
const LAST_UNIX_MS: u64 = 253_402_300_799_999;

/// RFC 3339 in UTC: `2026-11-21T10:00:00.000Z`.
pub(super) fn rfc3339(unix_ms: u64) -> String {
    let at = UNIX_EPOCH + Duration::from_millis(unix_ms.min(LAST_UNIX_MS));
    humantime::format_rfc3339_millis(at).to_string()
}

/// For people: `2026-11-21 10:00:00 UTC`.
pub(super) fn readable(unix_ms: u64) -> String {
    let text =
        humantime::format_rfc3339_seconds(UNIX_EPOCH + Duration::from_millis(unix_ms.min(LAST_UNIX_MS)));
    text.to_string().replace('T', " ").replace('Z', " UTC")
}

#[cfg(test)]
mod tests {
    #[test]
    fn times_are_utc_and_never_out_of_range() {
        assert_eq!(super::rfc3339(1_795_255_200_123), "2026-11-21T10:00:00.123Z");
        assert_eq!(super::readable(1_795_255_200_123), "2026-11-21 10:00:00 UTC");
        assert_eq!(super::rfc3339(u64::MAX), "9999-12-31T23:59:59.999Z");
    }
}
