//! Durations for people.

/// A duration in milliseconds, in its two largest units: `850ms`, `4s`, `3m12s`, `2h05m`, `9d03h`.
pub fn short_duration(ms: u64) -> String {
    let (seconds, minutes, hours) = (ms / 1000, ms / 60_000, ms / 3_600_000);
    match seconds {
        0 => format!("{ms}ms"),
        1..60 => format!("{seconds}s"),
        60..3600 => format!("{minutes}m{:02}s", seconds % 60),
        3600..86_400 => format!("{hours}h{:02}m", minutes % 60),
        _ => format!("{}d{:02}h", hours / 24, hours % 24),
    }
}

#[cfg(test)]
mod tests {
    use super::short_duration;

    #[test]
    fn two_units_at_most() {
        let shown = [0, 999, 1000, 59_999, 192_000, 7_500_000, 788_400_000].map(short_duration);
        assert_eq!(shown, ["0ms", "999ms", "1s", "59s", "3m12s", "2h05m", "9d03h"]);
    }
}
