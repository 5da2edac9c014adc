//! Tables: which columns fit, and their rows.

use super::painter::{Painter, Tone};
use crate::layout::Area;

/// A column.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    pub(crate) title: &'static str,
    /// Cells that it takes; the last column takes what is left, too.
    pub(crate) width: u16,
    pub(crate) right: bool,
    /// Columns with the highest numbers are left out first, where there is no room.
    pub(crate) rank: u8,
}

/// A column from left to right.
pub(crate) const fn left(title: &'static str, width: u16, rank: u8) -> Column {
    Column { title, width, right: false, rank }
}

/// A column of numbers.
pub(crate) const fn right(title: &'static str, width: u16, rank: u8) -> Column {
    Column { title, width, right: true, rank }
}

/// Columns that fit into a width: which, where, how wide.
pub(crate) struct Grid<const N: usize> {
    columns: [Column; N],
    places: [Option<(u16, u16)>; N],
}

impl<const N: usize> Grid<N> {
    pub(crate) fn new(columns: [Column; N], width: u16) -> Self {
        let mut kept = [true; N];
        let needed = |kept: &[bool; N]| -> u16 {
            columns.iter().zip(kept).filter(|(_, kept)| **kept).map(|(column, _)| column.width + 1).sum()
        };
        while needed(&kept) > width.saturating_add(1) {
            let dispensable = columns.iter().zip(kept.iter_mut()).filter(|(_, kept)| **kept);
            match dispensable.max_by_key(|(column, _)| column.rank) {
                Some((column, kept)) if column.rank > 0 => *kept = false,
                _ => break,
            }
        }
        let mut places = [None; N];
        let mut x = 0_u16;
        let last = kept.iter().rposition(|kept| *kept);
        for (index, ((column, kept), place)) in columns.iter().zip(kept).zip(&mut places).enumerate() {
            if kept && x < width {
                let wide = if Some(index) == last { width - x } else { column.width.min(width - x) };
                *place = Some((x, wide));
                x = x.saturating_add(wide).saturating_add(1);
            }
        }
        Grid { columns, places }
    }

    /// Draws the titles; the one that the table is sorted by is marked.
    pub(crate) fn titles(&self, painter: &mut Painter<'_>, area: Area, sorted: Option<(usize, bool)>) {
        let mut titles = [const { String::new() }; N];
        for (index, (title, column)) in titles.iter_mut().zip(&self.columns).enumerate() {
            *title = match sorted {
                Some((by, falling)) if by == index => {
                    format!("{}{}", column.title, if falling { "▼" } else { "▲" })
                }
                _ => column.title.to_owned(),
            };
        }
        let tone = |index| if sorted.is_some_and(|(by, _)| by == index) { Tone::Chosen } else { Tone::Title };
        self.cells(painter, area, 0, &titles, tone);
    }

    /// Draws a row.
    pub(crate) fn row(&self, painter: &mut Painter<'_>, area: Area, line: u16, cells: &[(String, Tone); N]) {
        let texts = cells.each_ref().map(|(text, _)| text.clone());
        self.cells(painter, area, line, &texts, |index| {
            cells.get(index).map_or(Tone::Plain, |(_, tone)| *tone)
        });
    }

    fn cells(
        &self,
        painter: &mut Painter<'_>,
        area: Area,
        line: u16,
        texts: &[String; N],
        tone: impl Fn(usize) -> Tone,
    ) {
        for (index, ((text, column), place)) in texts.iter().zip(&self.columns).zip(&self.places).enumerate()
        {
            let Some((x, width)) = *place else { continue };
            let cell = Area { x: area.x.saturating_add(x), width, ..area };
            let length = u16::try_from(text.chars().count()).unwrap_or(u16::MAX);
            let skipped = if column.right { width.saturating_sub(length) } else { 0 };
            painter.text(cell, line, skipped, text, tone(index));
        }
    }
}
