//! How much fits on the terminal, and which characters it knows.

use report::Bars;

/// Lines of a table for nobody's terminal.
const LINES_DEFAULT: u64 = 60;
/// Bars of a series for nobody's terminal.
const BARS_DEFAULT: u64 = 40;
/// Columns that the figures and functions beside bars want.
const BESIDE_BARS: u64 = 75;

/// A terminal.
#[derive(Debug, Clone, Copy)]
pub(super) struct Screen {
    /// Lines of a table.
    pub(super) lines: u64,
    /// Bars of a series.
    pub(super) bars: u64,
    /// What bars are made of.
    pub(super) characters: Bars,
}

impl Screen {
    /// That of the standard output.
    pub(super) fn of_this_process() -> Screen {
        let size = terminal_size::terminal_size_of(std::io::stdout());
        let lines = size.map(|(_, lines)| u64::from(lines.0).saturating_sub(5).clamp(10, 200));
        let bars = size.map(|(columns, _)| u64::from(columns.0).saturating_sub(BESIDE_BARS).clamp(16, 80));
        let variables = ["LC_ALL", "LC_CTYPE", "LANG"].map(std::env::var_os);
        let locale = variables.into_iter().flatten().find(|value| !value.is_empty());
        let locale = locale.map(|locale| locale.to_string_lossy().to_lowercase()).unwrap_or_default();
        let is_unicode = ["utf-8", "utf8"].iter().any(|name| locale.contains(name));
        Screen {
            lines: lines.unwrap_or(LINES_DEFAULT),
            bars: bars.unwrap_or(BARS_DEFAULT),
            characters: if is_unicode { Bars::Unicode } else { Bars::Ascii },
        }
    }
}
