//! Aligned columns of text.

use snapshot::Printable;

/// Which side of its column a text keeps to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// Rows under a heading, each column as wide as its widest text.
#[derive(Debug)]
pub(crate) struct Columns {
    aligns: Vec<Align>,
    rows: Vec<Vec<String>>,
}

impl Columns {
    /// Columns with these headings.
    pub(crate) fn new(headings: &[(&str, Align)]) -> Columns {
        Columns {
            aligns: headings.iter().map(|&(_, align)| align).collect(),
            rows: vec![headings.iter().map(|&(heading, _)| heading.to_owned()).collect()],
        }
    }

    /// Adds a row. Texts are made safe to show; an empty one is shown as `-`.
    pub(crate) fn push(&mut self, row: impl IntoIterator<Item = String>) {
        let shown =
            |text: String| if text.is_empty() { "-".to_owned() } else { Printable(&text).to_string() };
        self.rows.push(row.into_iter().map(shown).collect());
    }

    /// All rows as lines, two blanks between columns, none at the end.
    pub(crate) fn render(&self) -> String {
        let widths: Vec<usize> = (0..self.aligns.len())
            .map(|column| {
                let texts = self.rows.iter().filter_map(|row| row.get(column));
                texts.map(|text| text.chars().count()).max().unwrap_or(0)
            })
            .collect();
        let mut lines = String::new();
        for row in &self.rows {
            let mut line = String::new();
            for ((text, &width), align) in row.iter().zip(&widths).zip(&self.aligns) {
                match align {
                    Align::Left => line.push_str(&format!("{text:<width$}  ")),
                    Align::Right => line.push_str(&format!("{text:>width$}  ")),
                }
            }
            lines.push_str(line.trim_end());
            lines.push('\n');
        }
        lines
    }
}

/// A time span as people read it, to two units: `3d4h`, `5m06s`, `12s`.
pub(crate) fn time_span(ms: u64) -> String {
    let seconds = ms / 1000;
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds}s"),
        (0, 0, _) => format!("{minutes}m{:02}s", seconds % 60),
        (0, _, _) => format!("{hours}h{:02}m", minutes % 60),
        _ => format!("{days}d{:02}h", hours % 24),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_safe() {
        let mut columns =
            Columns::new(&[("PID", Align::Right), ("NAME", Align::Left), ("USER", Align::Left)]);
        columns.push(["7".into(), "größe".into(), "root".into()]);
        columns.push(["12345".into(), "a\u{1b}b\n".into(), String::new()]);
        let expected = "  PID  NAME      USER\n    7  größe     root\n12345  a\\x1bb\\n  -\n";
        assert_eq!(columns.render(), expected);
    }

    #[test]
    fn time_spans() {
        let spans =
            [(999, "0s"), (59_999, "59s"), (66_000, "1m06s"), (3_600_000, "1h00m"), (90_000_000, "1d01h")];
        for (ms, expected) in spans {
            assert_eq!(time_span(ms), expected);
        }
    }
}
