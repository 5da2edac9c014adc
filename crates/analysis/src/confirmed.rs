//! States that hold: a change counts once it has been seen twice in a row.

/// A state that changes only when the new one was seen in two consecutive ticks: that of a goroutine, or the
/// class that a count is in.
///
/// ```
/// use analysis::{Change, Confirmed};
///
/// let mut state = Confirmed::new();
/// assert_eq!(state.observe("running"), None, "seen once");
/// assert_eq!(state.observe("running"), Some(Change { from: None, to: "running" }));
/// assert_eq!(state.observe("waiting"), None, "seen once");
/// assert_eq!(state.observe("running"), None, "nothing has happened");
/// state.observe("waiting");
/// assert_eq!(state.observe("waiting"), Some(Change { from: Some("running"), to: "waiting" }));
/// ```
///
/// A count that wanders over a border does not change its class all the time:
///
/// ```
/// use analysis::Confirmed;
///
/// let mut digits = Confirmed::new();
/// let changes = [99, 100, 99, 101, 98, 100, 102, 103].map(|count: u64| digits.observe(count.ilog10()));
/// assert_eq!(changes.iter().flatten().count(), 1);
/// assert_eq!(digits.state(), Some(&2));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmed<S> {
    state: Option<S>,
    /// What the last tick showed, if that is not the state.
    candidate: Option<S>,
}

/// A change that has been confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change<S> {
    /// The state before; `None` if it is the first one.
    pub from: Option<S>,
    /// The state now.
    pub to: S,
}

impl<S> Default for Confirmed<S> {
    fn default() -> Self {
        Confirmed { state: None, candidate: None }
    }
}

impl<S: PartialEq + Clone> Confirmed<S> {
    /// Nothing is known yet.
    pub fn new() -> Confirmed<S> {
        Confirmed::default()
    }

    /// Takes what a tick showed, and says whether that confirms a change.
    pub fn observe(&mut self, seen: S) -> Option<Change<S>> {
        if self.state.as_ref() == Some(&seen) {
            self.candidate = None;
            return None;
        }
        if self.candidate.as_ref() != Some(&seen) {
            self.candidate = Some(seen);
            return None;
        }
        self.candidate = None;
        let from = self.state.replace(seen.clone());
        Some(Change { from, to: seen })
    }

    /// Takes note of a tick that showed nothing: what comes next does not follow what came before.
    pub fn missed(&mut self) {
        self.candidate = None;
    }

    /// The last state that was confirmed.
    pub fn state(&self) -> Option<&S> {
        self.state.as_ref()
    }
}
