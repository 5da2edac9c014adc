//! Going through rows and lines, and putting them in order.

use super::{Scroll, State};
use crate::event::Effect;
use crate::keys::{Action, View};

impl State {
    /// Sorts the table that is shown otherwise.
    pub(super) fn sort(&mut self, action: Action) -> Vec<Effect> {
        fn turned<C: crate::query::Column>(
            order: crate::query::Order<C>,
            action: Action,
        ) -> crate::query::Order<C> {
            match action {
                Action::Reverse => order.reversed(),
                action => order.step(action == Action::SortNext),
            }
        }
        let Some(watch) = &mut self.watch else {
            self.overview.order = turned(self.overview.order, action);
            self.settle();
            return Vec::new();
        };
        match watch.view {
            View::Clusters => watch.query.clusters = turned(watch.query.clusters, action),
            View::Goroutines => watch.query.goroutines = turned(watch.query.goroutines, action),
            _ => return Vec::new(),
        }
        self.arrange()
    }

    /// Selects another row, or shows another part of a text.
    pub(super) fn go(&mut self, action: Action) {
        let page = self.page();
        let Some(watch) = &mut self.watch else {
            let index = moved(action, self.overview.cursor.index, self.overview.rows.len(), page);
            self.overview.go(index, page);
            return;
        };
        if matches!(watch.view, View::Clusters | View::Goroutines) {
            let index = moved(action, watch.index(), watch.rows(), page);
            watch.go(index, page);
        } else {
            let scroll = watch.scrolls.entry(watch.view).or_default();
            scroll_by(scroll, action, page);
            self.settle();
        }
    }
}

/// Where one comes by a key.
fn moved(action: Action, from: usize, rows: usize, page: usize) -> usize {
    match action {
        Action::Up => from.saturating_sub(1),
        Action::Down => from.saturating_add(1),
        Action::PageUp => from.saturating_sub(page),
        Action::PageDown => from.saturating_add(page),
        Action::First => 0,
        Action::Last => rows,
        _ => from,
    }
}

/// Columns that an arrow moves a text by.
const COLUMNS: usize = 8;
/// No text is moved further than that.
const COLUMNS_MAX: usize = 2000;

/// Moves a text.
pub(super) fn scroll_by(scroll: &mut Scroll, action: Action, page: usize) {
    match action {
        Action::Left => scroll.left = scroll.left.saturating_sub(COLUMNS),
        Action::Right => scroll.left = (scroll.left + COLUMNS).min(COLUMNS_MAX),
        action => scroll.top = moved(action, scroll.top, usize::MAX / 2, page),
    }
}
