//! Views that are texts, and details below a table.

use super::painter::{Painter, Tone};
use crate::layout::Area;
use crate::state::Scroll;

/// Draws the lines of a text that are seen.
pub(super) fn text(painter: &mut Painter<'_>, area: Area, lines: &[String], scroll: &Scroll) {
    let search = scroll.search.as_ref().map(|search| search.to_lowercase());
    for (line, text) in (0..area.height).zip(lines.iter().skip(scroll.top)) {
        let found = search.as_ref().is_some_and(|search| text.to_lowercase().contains(search));
        let tone = if found { Tone::Selected } else { tone_of(text) };
        if scroll.left == 0 {
            painter.text(area, line, 0, text, tone);
        } else {
            let rest: String = text.chars().skip(scroll.left).collect();
            painter.text(area, line, 0, &rest, tone);
        }
    }
}

/// Draws details below a table, behind a line.
pub(super) fn pane(painter: &mut Painter<'_>, area: Area, lines: &[String]) {
    let rule = "─".repeat(usize::from(area.width));
    painter.text(area, 0, 0, &rule, Tone::Faint);
    let body = Area { y: area.y.saturating_add(1), height: area.height.saturating_sub(1), ..area };
    text(painter, body, lines, &Scroll::default());
    let left_out = lines.len().saturating_sub(usize::from(body.height));
    if left_out > 0 {
        painter.text(area, 0, 2, &format!(" {left_out} more lines: 3 "), Tone::Faint);
    }
}

/// Lines say by their first word what they are.
fn tone_of(line: &str) -> Tone {
    let starts = |words: &[&str]| words.iter().any(|word| line.starts_with(word));
    if starts(&["proven:"]) || line.contains("** deadlock, confirmed **") || line.contains(" ERROR ") {
        Tone::Bad
    } else if starts(&["suspected:", "nothing is proven", "deadlock of", "hint:"])
        || [" GROWTH ", " JUMP ", " GAP ", " END "].iter().any(|word| line.contains(word))
        || line.contains("** deadlock, not confirmed **")
    {
        Tone::Warning
    } else if starts(&["healthy:", "  healthy:"]) {
        Tone::Good
    } else if starts(&["    /", "        /"]) {
        Tone::Faint
    } else {
        Tone::Plain
    }
}
