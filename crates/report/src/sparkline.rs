//! A series as a line of small bars.

/// What the bars are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bars {
    /// Blocks of eight heights.
    Unicode,
    /// Characters of growing darkness, for terminals that know no others.
    Ascii,
}

const UNICODE: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const ASCII: [char; 8] = ['.', ':', '-', '=', '+', '*', '#', '@'];

/// One character for each value: the lowest bar is zero, the highest the largest value. What is not known is blank.
///
/// ```
/// let values = [Some(0.0), Some(7.0), None, Some(14.0)];
/// assert_eq!(report::sparkline(&values, report::Bars::Unicode), "▁▅ █");
/// assert_eq!(report::sparkline(&values, report::Bars::Ascii), ".+ @");
/// ```
pub fn sparkline(values: &[Option<f64>], bars: Bars) -> String {
    let most = values.iter().flatten().copied().fold(0.0, f64::max);
    let bars = match bars {
        Bars::Unicode => &UNICODE,
        Bars::Ascii => &ASCII,
    };
    let bar = |value: &Option<f64>| {
        let Some(value) = value else { return ' ' };
        // Halves and more count as the next higher one.
        let share = if most > 0.0 { value.max(0.0) / most } else { 0.0 };
        let reached = (1..bars.len()).take_while(|&height| share * 7.0 + 0.5 >= height as f64).last();
        bars.get(reached.unwrap_or(0)).copied().unwrap_or(' ')
    };
    values.iter().map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_is_not_blank_and_what_is_not_known_is() {
        let line = |values: &[Option<f64>]| sparkline(values, Bars::Ascii);
        assert_eq!(line(&[Some(0.0), None, Some(0.0)]), ". .");
        assert_eq!(line(&[Some(5.0), Some(5.0)]), "@@");
        assert_eq!(line(&[Some(1.0), Some(1_000_000.0)]), ".@");
        assert_eq!(line(&[Some(f64::NAN), Some(-3.0), Some(1.0)]), "..@");
        assert_eq!(line(&[]), "");
        let all: Vec<Option<f64>> = (0..8).map(|height| Some(f64::from(height))).collect();
        assert_eq!(line(&all), ".:-=+*#@");
    }
}
