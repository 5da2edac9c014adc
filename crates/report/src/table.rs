//! Plain aligned columns, as `ps` and `vmstat` print them.

use std::io;

use snapshot::Printable;

/// Which side of a column its cells keep to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Text.
    Left,
    /// Numbers.
    Right,
}

/// Rows under titles. Columns are as wide as their widest cell; the last one is never padded.
#[derive(Debug, Clone)]
pub struct Table {
    columns: Vec<(String, Align)>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these columns and no rows.
    pub fn new(columns: &[(&str, Align)]) -> Table {
        let columns = columns.iter().map(|(title, align)| ((*title).to_owned(), *align)).collect();
        Table { columns, rows: Vec::new() }
    }

    /// Adds a row. Cells may hold anything, also a hostile target's text; missing ones are empty, ones
    /// without a column are dropped.
    pub fn row<T: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = T>) {
        let cells = cells.into_iter().map(|cell| Printable(cell.as_ref()).to_string());
        self.rows.push(cells.take(self.columns.len()).collect());
    }

    /// Writes titles and rows. Fails only if `out` does.
    pub fn write(&self, out: &mut impl io::Write) -> io::Result<()> {
        let titles: Vec<&str> = self.columns.iter().map(|(title, _)| title.as_str()).collect();
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column)).map(String::as_str);
            cells.chain(titles.get(column).copied()).map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..self.columns.len()).map(width).collect();
        self.write_line(out, &titles, &widths)?;
        for row in &self.rows {
            let cells: Vec<&str> = row.iter().map(String::as_str).collect();
            self.write_line(out, &cells, &widths)?;
        }
        Ok(())
    }

    fn write_line(&self, out: &mut impl io::Write, cells: &[&str], widths: &[usize]) -> io::Result<()> {
        let mut line = String::new();
        for (column, ((_, align), width)) in self.columns.iter().zip(widths).enumerate() {
            let cell = cells.get(column).copied().unwrap_or("");
            if column > 0 {
                line.push(' ');
            }
            match align {
                Align::Left => line.push_str(&format!("{cell:<width$}")),
                Align::Right => line.push_str(&format!("{cell:>width$}")),
            }
        }
        writeln!(out, "{}", line.trim_end())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_hostile_cells_are_harmless() {
        let mut table = Table::new(&[("PID", Align::Right), ("NAME", Align::Left), ("GO", Align::Left)]);
        table.row(["1", "größe", "go1.26"]);
        table.row(["12345", "x\u{1b}[2J\n"]);
        let mut out = Vec::new();
        table.write(&mut out).expect("writing to memory");
        let text = String::from_utf8(out).expect("text");
        assert_eq!(text, "  PID NAME       GO\n    1 größe      go1.26\n12345 x\\x1b[2J\\n\n");
    }
}
