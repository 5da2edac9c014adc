//! Putting text on the screen: never beside it, in the characters and colours that it has.

use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Rect;
use ratatui_core::style::{Color, Modifier, Style};

use crate::layout::Area;
use crate::settings::Theme;
use crate::text::in_characters;

/// What a text is, and so how it looks. Where there are no colours, attributes tell most of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Ordinary text.
    Plain,
    /// Titles of columns and parts.
    Title,
    /// What the table is sorted by, the view that is shown.
    Chosen,
    /// The selected row.
    Selected,
    /// What is less important.
    Faint,
    /// As it should be.
    Good,
    /// Worth a look.
    Warning,
    /// Trouble.
    Bad,
}

/// A screen to draw on.
pub(crate) struct Painter<'b> {
    buffer: &'b mut Buffer,
    pub(crate) theme: Theme,
}

impl<'b> Painter<'b> {
    pub(crate) fn new(buffer: &'b mut Buffer, theme: Theme) -> Self {
        Painter { buffer, theme }
    }

    /// Writes a text into a line of an area, from a column on; what does not fit is cut. Says where it ended.
    pub(crate) fn text(&mut self, area: Area, line: u16, column: u16, text: &str, tone: Tone) -> u16 {
        let screen = self.buffer.area;
        let (Some(x), Some(y)) = (area.x.checked_add(column), area.y.checked_add(line)) else {
            return column;
        };
        let right = area.x.saturating_add(area.width).min(screen.right());
        if line >= area.height || y >= screen.bottom() || x >= right {
            return column;
        }
        let text = in_characters(text, self.theme.unicode);
        // Names come from the target. They are made harmless where they are read; this is the last door.
        let text: String =
            text.chars().map(|c| if snapshot::Printable::must_escape(c) { '?' } else { c }).collect();
        let (end, _) = self.buffer.set_stringn(x, y, text, usize::from(right - x), style(tone, self.theme));
        end.saturating_sub(area.x)
    }

    /// Makes a whole line of an area look like something.
    pub(crate) fn line(&mut self, area: Area, line: u16, tone: Tone) {
        if line < area.height {
            let rect = Rect { x: area.x, y: area.y.saturating_add(line), width: area.width, height: 1 };
            let rect = rect.intersection(self.buffer.area);
            self.buffer.set_style(rect, style(tone, self.theme));
        }
    }
}

fn style(tone: Tone, theme: Theme) -> Style {
    let plain = Style::new();
    let coloured = |colour: Color, style: Style| if theme.colour { style.fg(colour) } else { style };
    match tone {
        Tone::Plain => plain,
        Tone::Title => coloured(Color::Cyan, plain.add_modifier(Modifier::BOLD)),
        Tone::Chosen => coloured(Color::Cyan, plain.add_modifier(Modifier::BOLD | Modifier::UNDERLINED)),
        Tone::Selected => plain.add_modifier(Modifier::REVERSED),
        Tone::Faint => plain.add_modifier(Modifier::DIM),
        Tone::Good => coloured(Color::Green, plain),
        Tone::Warning => coloured(Color::Yellow, plain.add_modifier(Modifier::BOLD)),
        Tone::Bad => coloured(Color::Red, plain.add_modifier(Modifier::BOLD)),
    }
}
