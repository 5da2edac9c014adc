//! Which row of a table is selected, and which are seen.

/// A selected row, known by its key: it stays selected wherever it moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor<K> {
    /// What is selected.
    pub key: Option<K>,
    /// Where that is.
    pub index: usize,
    /// The first row that is seen.
    pub offset: usize,
}

impl<K> Default for Cursor<K> {
    fn default() -> Self {
        Cursor { key: None, index: 0, offset: 0 }
    }
}

impl<K: Copy + PartialEq> Cursor<K> {
    /// Finds the selected row among new rows. If it is gone, what stands in its place is selected.
    pub(crate) fn follow(&mut self, rows: &impl Rows<K>, page: usize) {
        let index = match self.key {
            // Mostly nothing has moved.
            Some(key) if rows.key(self.index) == Some(key) => Some(self.index),
            Some(key) => (0..rows.len()).find(|index| rows.key(*index) == Some(key)),
            None => None,
        };
        // Who has never moved stays at the top, whoever is there.
        self.go(index.unwrap_or(self.index), rows, page);
    }

    /// Selects a row.
    pub(crate) fn go(&mut self, index: usize, rows: &impl Rows<K>, page: usize) {
        self.index = index.min(rows.len().saturating_sub(1));
        self.key = rows.key(self.index);
        let page = page.max(1);
        let last = rows.len().saturating_sub(page);
        self.offset = self.offset.clamp((self.index + 1).saturating_sub(page), self.index).min(last);
    }
}

/// Rows of a table.
pub(crate) trait Rows<K> {
    /// How many.
    fn len(&self) -> usize;

    /// What a row is of.
    fn key(&self, index: usize) -> Option<K>;
}

/// Where in a text one is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scroll {
    /// The first line that is seen.
    pub top: usize,
    /// The first column that is seen.
    pub left: usize,
    /// What was searched for.
    pub search: Option<String>,
}

impl Scroll {
    /// Keeps something on the screen.
    pub(crate) fn within(&mut self, lines: usize, page: usize) {
        self.top = self.top.min(lines.saturating_sub(page.max(1)));
    }

    /// Goes to the next line that has what was searched for, after the first one that is seen; round the end. `false`
    /// if there is none.
    pub(crate) fn find_next(&mut self, lines: &[String]) -> bool {
        let Some(search) = self.search.as_ref().map(|search| search.to_lowercase()) else { return false };
        let has = |line: &&(usize, &String)| line.1.to_lowercase().contains(&search);
        let numbered: Vec<(usize, &String)> = lines.iter().enumerate().collect();
        let (before, after) = numbered.split_at(numbered.len().min(self.top + 1));
        let found = after.iter().find(has).or_else(|| before.iter().find(has));
        found.map(|(index, _)| self.top = *index).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Numbers(Vec<u32>);

    impl Rows<u32> for Numbers {
        fn len(&self) -> usize {
            self.0.len()
        }

        fn key(&self, index: usize) -> Option<u32> {
            self.0.get(index).copied()
        }
    }

    #[test]
    fn what_is_selected_stays_selected_wherever_it_goes() {
        let mut cursor = Cursor::default();
        cursor.follow(&Numbers((0..100).collect()), 10);
        assert_eq!((cursor.key, cursor.index, cursor.offset), (Some(0), 0, 0));
        cursor.go(42, &Numbers((0..100).collect()), 10);
        assert_eq!((cursor.key, cursor.offset), (Some(42), 33));
        cursor.follow(&Numbers((0..100).rev().collect()), 10);
        assert_eq!((cursor.key, cursor.index), (Some(42), 57));
        cursor.follow(&Numbers(vec![7, 8]), 10);
        assert_eq!((cursor.key, cursor.index, cursor.offset), (Some(8), 1, 0));
        cursor.follow(&Numbers(vec![]), 10);
        assert_eq!((cursor.key, cursor.index, cursor.offset), (None, 0, 0));
    }

    #[test]
    fn a_search_goes_round() {
        let lines: Vec<String> = ["a", "B", "c", "b"].map(str::to_owned).into();
        let mut scroll = Scroll { search: Some("b".into()), ..Scroll::default() };
        let tops: Vec<usize> = (0..3)
            .map(|_| {
                scroll.find_next(&lines);
                scroll.top
            })
            .collect();
        assert_eq!(tops, [1, 3, 1]);
        scroll.search = Some("x".into());
        assert!(!scroll.find_next(&lines));
    }
}
