//! Lines of fixed columns under a header that comes again, as vmstat prints them.

use std::io;

/// What the columns are called, and how wide they are at least. A wider cell pushes its line to the right, as in
/// vmstat.
#[derive(Debug)]
pub(crate) struct Columns<const N: usize> {
    /// Title and least width of each.
    pub(crate) titles: [(&'static str, usize); N],
    /// Titles over the titles: text and how many columns it spans.
    pub(crate) spans: &'static [(&'static str, usize)],
}

/// Writes lines, and headers where they are due.
#[derive(Debug, Clone)]
pub(crate) struct TickTable<const N: usize> {
    columns: &'static Columns<N>,
    header_every: u64,
    lines: u64,
}

impl<const N: usize> TickTable<N> {
    /// A table whose header comes again after so many lines; 0 for one header only.
    pub(crate) fn new(columns: &'static Columns<N>, header_every: u64) -> Self {
        TickTable { columns, header_every, lines: 0 }
    }

    /// Writes a line, with a header before it where one is due. Fails only if `out` does.
    pub(crate) fn write(&mut self, cells: [String; N], out: &mut impl io::Write) -> io::Result<()> {
        let due = self.lines.checked_rem(self.header_every).map_or(self.lines == 0, |rest| rest == 0);
        if due {
            self.write_spans(out)?;
            self.write_cells(out, self.columns.titles.map(|(title, _)| title.to_owned()))?;
        }
        self.lines += 1;
        self.write_cells(out, cells)
    }

    fn write_cells(&self, out: &mut impl io::Write, cells: [String; N]) -> io::Result<()> {
        let mut line = String::new();
        for ((_, width), cell) in self.columns.titles.iter().zip(cells) {
            let separator = if line.is_empty() { "" } else { " " };
            line.push_str(&format!("{separator}{cell:>width$}"));
        }
        writeln!(out, "{}", line.trim_end())
    }

    /// `--------goroutines--------- ---…`: each title centred over its columns.
    fn write_spans(&self, out: &mut impl io::Write) -> io::Result<()> {
        let mut columns = self.columns.titles.iter();
        let spans = self.columns.spans.iter().map(|(title, count)| {
            let widths: usize = columns.by_ref().take(*count).map(|(_, width)| width).sum();
            format!("{title:-^width$}", width = widths + count - 1)
        });
        writeln!(out, "{}", spans.collect::<Vec<_>>().join(" "))
    }
}

/// A number, or `-` where it is not known.
pub(crate) fn known<T: ToString>(number: Option<T>) -> String {
    number.map_or_else(|| "-".to_owned(), |number| number.to_string())
}
