//! Where on the screen what is, for any size.

/// A part of the screen, in cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Area {
    /// The left column.
    pub x: u16,
    /// The top line.
    pub y: u16,
    /// Columns.
    pub width: u16,
    /// Lines.
    pub height: u16,
}

/// The parts of a screen, from top to bottom. Those without room have no lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Layout {
    /// What is watched, and how.
    pub header: Area,
    /// The names of the views.
    pub tabs: Area,
    /// The titles of a table.
    pub titles: Area,
    /// The rows of a table, or a text.
    pub body: Area,
    /// Details of the selected row.
    pub pane: Area,
    /// Messages, questions and keys.
    pub footer: Area,
}

/// What a view needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Needs {
    /// Whether there are views to choose from.
    pub tabs: bool,
    /// Whether it is a table.
    pub table: bool,
    /// Whether details are shown below it.
    pub pane: bool,
}

/// Divides a screen. Whatever its size, the body comes first, then the footer, then the header.
pub fn layout(width: u16, height: u16, needs: Needs) -> Layout {
    let mut left = height.saturating_sub(1);
    let mut take = |wanted: u16, keep: u16| {
        let taken = wanted.min(left.saturating_sub(keep));
        left -= taken;
        taken
    };
    let footer = if height >= 2 { take(1, 0) } else { 0 };
    // The line that was held back is the body's.
    let header = take(if height >= 16 { 3 } else { 1 }, 1);
    let tabs = if needs.tabs { take(1, 2) } else { 0 };
    let titles = if needs.table { take(1, 1) } else { 0 };
    let pane = if needs.pane && height >= 18 { take(height / 3, 5) } else { 0 };
    let body = left + 1;
    let mut y = 0;
    let mut area = |height: u16| {
        let area = Area { x: 0, y, width, height };
        y += height;
        area
    };
    let body = if height == 0 { 0 } else { body };
    Layout {
        header: area(header),
        tabs: area(tabs),
        titles: area(titles),
        body: area(body),
        pane: area(pane),
        footer: area(footer),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_lines_are_used_and_none_twice() {
        for height in 0..300 {
            for bits in 0..8 {
                let needs = Needs { tabs: bits & 1 > 0, table: bits & 2 > 0, pane: bits & 4 > 0 };
                let Layout { header, tabs, titles, body, pane, footer } = layout(80, height, needs);
                let sum: u16 =
                    [header, tabs, titles, body, pane, footer].iter().map(|area| area.height).sum();
                assert_eq!(sum, height, "{needs:?}");
                assert!(height == 0 || body.height > 0, "{height}");
                assert_eq!(footer.y + footer.height, height);
            }
        }
    }
}
