//! A target as those see it who do not look at it: how it is doing, and what is wanted of it. Neither waits for a look: one
//! at a million goroutines takes seconds, and the next one may begin at once.

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use capture::Session;

use crate::budget::LookCost;
use crate::config::Watched;
use crate::locks::{locked, locked_now};
use crate::target::Facts;
use crate::watcher::{Next, Orders, Seen, Status, Watcher};

/// One target.
pub(crate) struct Cell {
    /// Whoever looks has it.
    watcher: Mutex<Watcher>,
    orders: Mutex<Orders>,
    /// As of the last look, or of what was ordered since.
    seen: RwLock<(Status, LookCost)>,
}

impl Cell {
    /// A target that has not been looked at.
    ///
    /// # Errors
    /// When it is to be looked at more often than can be.
    pub(crate) fn new(
        facts: Arc<Facts>,
        session: Session,
        orders: Orders,
    ) -> Result<Self, capture::IntervalTooShort> {
        let watcher = Watcher::new(facts, session, orders.clone())?;
        let seen = RwLock::new((watcher.status().clone(), watcher.cost()));
        Ok(Cell { watcher: Mutex::new(watcher), orders: Mutex::new(orders), seen })
    }

    /// How it was doing at the last look, and what is wanted of it now.
    pub(crate) fn status(&self) -> Status {
        let (status, _) = self.seen.read().unwrap_or_else(PoisonError::into_inner).clone();
        let orders = locked(&self.orders);
        Status { wanted: orders.wanted, disabled: orders.disabled, relieved: orders.relieved, ..status }
    }

    /// What it is to get, and what a look has cost so far.
    pub(crate) fn demand(&self) -> (Watched, LookCost) {
        let (_, cost) = *self.seen.read().unwrap_or_else(PoisonError::into_inner);
        let orders = locked(&self.orders);
        (Watched { collect: orders.collect(), ..orders.wanted }, cost)
    }

    /// Changes what is wanted of it: at once, or after the look that is being made.
    pub(crate) fn order(&self, change: impl FnOnce(&mut Orders)) {
        let mut orders = locked(&self.orders);
        change(&mut orders);
        if let Some(mut watcher) = locked_now(&self.watcher) {
            watcher.obey(&orders);
            self.publish(&watcher);
        }
    }

    /// Waits until nobody looks at it: at most for the look that is being made, if orders forbid the next one.
    pub(crate) fn wait_for_look(&self) {
        drop(locked(&self.watcher));
    }

    /// Whether it is to give up its stacks, and has not yet.
    pub(crate) fn is_giving_up(&self) -> bool {
        let given_up = self.seen.read().unwrap_or_else(PoisonError::into_inner).0.relieved;
        !given_up && locked(&self.orders).relieved
    }

    /// It is its turn. `observe` hears what came of it.
    pub(crate) fn look(&self, observe: impl FnOnce(&Facts, Seen<'_, '_, '_>)) -> Next {
        let mut watcher = locked(&self.watcher);
        watcher.obey(&locked(&self.orders));
        let next = watcher.look(observe);
        watcher.obey(&locked(&self.orders));
        self.publish(&watcher);
        next
    }

    fn publish(&self, watcher: &Watcher) {
        *self.seen.write().unwrap_or_else(PoisonError::into_inner) =
            (watcher.status().clone(), watcher.cost());
    }
}
