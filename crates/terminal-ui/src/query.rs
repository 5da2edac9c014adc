//! What is asked of a look: which goroutines, in which order.

use std::fmt::Write as _;

use analysis::{Filter, FilterError};

use crate::cluster::ClusterKey;

/// Columns by which clusters can be sorted, in the order in which `>` goes through them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClusterColumn {
    /// How many.
    Count,
    /// More or fewer than at the look before.
    SinceLast,
    /// More or fewer than at the first look.
    SinceStart,
    /// The longest wait.
    Age,
    /// What they do.
    Doing,
    /// What that means.
    Meaning,
    /// Where they are.
    Function,
}

/// Columns by which goroutines can be sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GoroutineColumn {
    /// Its id: in the order in which they were started.
    Id,
    /// Its status.
    State,
    /// How long it waits.
    Age,
    /// Why it waits.
    Reason,
    /// Where it is.
    Function,
}

/// Columns by which processes can be sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProcessColumn {
    /// Its pid.
    Pid,
    /// How many goroutines.
    Goroutines,
    /// More or fewer than at the look before.
    Change,
    /// How many can run.
    Running,
    /// How long it runs.
    Uptime,
    /// The Go release.
    Release,
    /// Its name.
    Name,
}

/// A column that tables are sorted by.
pub trait Column: Copy + PartialEq + 'static {
    /// All of them, in the order of the table.
    const ALL: &'static [Self];

    /// Whether the largest comes first unless told otherwise.
    fn falls(self) -> bool;
}

impl Column for ClusterColumn {
    const ALL: &'static [Self] = &[
        Self::Count,
        Self::SinceLast,
        Self::SinceStart,
        Self::Age,
        Self::Doing,
        Self::Meaning,
        Self::Function,
    ];

    fn falls(self) -> bool {
        matches!(self, Self::Count | Self::SinceLast | Self::SinceStart | Self::Age)
    }
}

impl Column for GoroutineColumn {
    const ALL: &'static [Self] = &[Self::Id, Self::State, Self::Age, Self::Reason, Self::Function];

    fn falls(self) -> bool {
        matches!(self, Self::Age)
    }
}

impl Column for ProcessColumn {
    const ALL: &'static [Self] =
        &[Self::Pid, Self::Goroutines, Self::Change, Self::Running, Self::Uptime, Self::Release, Self::Name];

    fn falls(self) -> bool {
        matches!(self, Self::Goroutines | Self::Change | Self::Running)
    }
}

/// An order of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order<C> {
    /// By which column.
    pub column: C,
    /// Whether the largest comes first.
    pub falling: bool,
}

impl<C: Column> Order<C> {
    /// By a column, in the direction that is usual for it.
    pub fn by(column: C) -> Self {
        Order { column, falling: column.falls() }
    }

    /// By the next column, or the one before.
    pub fn step(self, forward: bool) -> Self {
        let at = C::ALL.iter().position(|column| *column == self.column).unwrap_or(0);
        let next = if forward { at + 1 } else { at + C::ALL.len() - 1 };
        C::ALL.get(next % C::ALL.len()).map_or(self, |column| Order::by(*column))
    }

    /// The other way round.
    pub fn reversed(self) -> Self {
        Order { falling: !self.falling, ..self }
    }
}

/// What is asked of a look.
#[derive(Debug, Clone)]
pub struct Query {
    /// Only goroutines that match.
    pub filter: Option<Condition>,
    /// Only goroutines of one cluster, in the table of goroutines.
    pub cluster: Option<ClusterKey>,
    /// Order of clusters.
    pub clusters: Order<ClusterColumn>,
    /// Order of goroutines.
    pub goroutines: Order<GoroutineColumn>,
    /// Whether the table of goroutines is looked at: it is not made otherwise.
    pub wants_goroutines: bool,
}

impl Default for Query {
    fn default() -> Self {
        Query {
            filter: None,
            cluster: None,
            clusters: Order::by(ClusterColumn::Count),
            goroutines: Order::by(GoroutineColumn::Id),
            wants_goroutines: false,
        }
    }
}

/// A filter, and what was typed.
#[derive(Debug, Clone)]
pub struct Condition {
    /// What was typed.
    pub typed: String,
    /// What it means.
    pub filter: Filter,
}

impl Condition {
    /// Understands what was typed: a filter as `gostat dump --filter` takes it, or a word that functions, reasons,
    /// meanings, owners or creators contain.
    ///
    /// # Errors
    /// When it is meant to be a filter and is none.
    pub fn parse(typed: &str) -> Result<Condition, FilterError> {
        let is_filter = typed.contains(['=', '~', '<', '>', '(']) || Filter::parse(typed).is_ok();
        let text = if is_filter { typed.to_owned() } else { any_text(typed) };
        Ok(Condition { typed: typed.to_owned(), filter: Filter::parse(&text)? })
    }
}

/// A filter for a word anywhere.
fn any_text(word: &str) -> String {
    let mut pattern = String::new();
    for character in word.trim().chars() {
        // A quote cannot stand in a quoted value, and some character is what it is.
        match character {
            '\'' => pattern.push('.'),
            c if c.is_ascii_punctuation() => pattern.push_str(&format!("\\{c}")),
            c => pattern.push(c),
        }
    }
    let mut filter = String::new();
    for (index, field) in ["func", "reason", "meaning", "owner", "created_by", "state"].iter().enumerate() {
        let or = if index == 0 { "" } else { " or " };
        // Writing to a string does not fail.
        let _ = write!(filter, "{or}{field}~'(?i){pattern}'");
    }
    filter
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_filters_are_told_apart() {
        for typed in
            ["worker", "chan receive", "(*T).run it's", "state=waiting and age>5m", "locked", "a.b-c_d"]
        {
            // A parenthesis means a filter, where it has to be a right one.
            assert_eq!(Condition::parse(typed).is_ok(), !typed.starts_with("(*"), "{typed}");
        }
        assert!(Condition::parse("state=wating").is_err());
    }

    #[test]
    fn orders_go_round() {
        let mut order = Order::by(GoroutineColumn::Id);
        for _ in GoroutineColumn::ALL {
            order = order.step(true);
        }
        assert_eq!(order, Order::by(GoroutineColumn::Id));
        assert_eq!(order.step(false).column, GoroutineColumn::Function);
        assert!(order.reversed().falling);
    }
}
