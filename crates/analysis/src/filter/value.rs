//! Values in a filter: numbers, addresses and durations.

/// A number, decimal or hexadecimal with `0x`.
pub(super) fn number(text: &str) -> Option<i128> {
    match text.strip_prefix("0x") {
        Some(hex) => u64::from_str_radix(hex, 16).ok().map(i128::from),
        None => text.parse::<i64>().ok().map(i128::from),
    }
}

/// A duration such as `90s`, `1h30m` or `1.5h`, in milliseconds. A number needs its unit, except 0.
pub(super) fn duration_ms(text: &str) -> Option<u64> {
    if text == "0" {
        return Some(0);
    }
    let mut rest = text;
    let mut total = 0.0f64;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (amount, after) = rest.split_at_checked(digits)?;
        let letters = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
        let (unit, after) = after.split_at_checked(letters)?;
        let unit_ms = match unit {
            "ms" => 1.0,
            "s" => 1e3,
            "m" | "min" => 60e3,
            "h" => 3600e3,
            "d" => 86400e3,
            _ => return None,
        };
        total += amount.parse::<f64>().ok()? * unit_ms;
        rest = after;
    }
    // A century is beyond every process.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "in range, by the test before"
    )]
    (!text.is_empty() && (0.0..3.2e12).contains(&total)).then(|| total.round() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_need_units() {
        let read = [
            ("5m", 300_000),
            ("1h30m", 5_400_000),
            ("1.5s", 1500),
            ("20ms", 20),
            ("2d", 172_800_000),
            ("0", 0),
        ];
        for (text, ms) in read {
            assert_eq!(duration_ms(text), Some(ms), "{text}");
        }
        for text in ["", "5", "m", "5y", "-5m", "1..5s", "5m3", "99999999999999d"] {
            assert_eq!(duration_ms(text), None, "{text}");
        }
        assert_eq!((number("0x1f"), number("-1"), number("1e3")), (Some(31), Some(-1), None));
    }
}
