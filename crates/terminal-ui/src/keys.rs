//! Which key does what. Keys are dispatched by this table, and the help screen shows it.

/// A key, whatever the terminal sends for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Key {
    /// A character.
    Char(char),
    /// A character with Ctrl.
    Ctrl(char),
    /// An arrow.
    Up,
    /// An arrow.
    Down,
    /// An arrow.
    Left,
    /// An arrow.
    Right,
    /// A page back.
    PageUp,
    /// A page on.
    PageDown,
    /// To the begin.
    Home,
    /// To the end.
    End,
    /// Return.
    Enter,
    /// Escape.
    Esc,
    /// Tabulator.
    Tab,
    /// Tabulator with Shift.
    BackTab,
    /// Erases what is before.
    Backspace,
}

/// What is shown of a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum View {
    /// Groups of equal stacks.
    Clusters,
    /// Single goroutines.
    Goroutines,
    /// The stack of what is selected.
    Stack,
    /// What a goroutine waits for, and who could end that.
    Why,
    /// What has leaked.
    Leaks,
    /// Ps, Ms and queues.
    Scheduler,
    /// What happened.
    Events,
}

impl View {
    /// All, in the order of their numbers.
    pub const ALL: [View; 7] = [
        View::Clusters,
        View::Goroutines,
        View::Stack,
        View::Why,
        View::Leaks,
        View::Scheduler,
        View::Events,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            View::Clusters => "Clusters",
            View::Goroutines => "Goroutines",
            View::Stack => "Stack",
            View::Why => "Why",
            View::Leaks => "Leaks",
            View::Scheduler => "Scheduler",
            View::Events => "Events",
        }
    }

    /// The view after it, or before it.
    pub(crate) fn step(self, forward: bool) -> View {
        let at = View::ALL.iter().position(|view| *view == self).unwrap_or(0);
        let next = if forward { at + 1 } else { at + View::ALL.len() - 1 };
        View::ALL.get(next % View::ALL.len()).copied().unwrap_or(self)
    }
}

/// What a key does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Ends the program.
    Quit,
    /// Shows this table.
    Help,
    /// Goes a line up.
    Up,
    /// Goes a line down.
    Down,
    /// Goes a page up.
    PageUp,
    /// Goes a page down.
    PageDown,
    /// Goes to the first line.
    First,
    /// Goes to the last line.
    Last,
    /// Shows what is left of the screen.
    Left,
    /// Shows what is right of the screen.
    Right,
    /// Opens what is selected.
    Open,
    /// Goes back.
    Back,
    /// Asks for a filter, or for what to search.
    Filter,
    /// Goes to the next place that was searched for.
    FindNext,
    /// Sorts by the next column.
    SortNext,
    /// Sorts by the column before.
    SortPrevious,
    /// Sorts the other way round.
    Reverse,
    /// Holds the picture, or goes on.
    Pause,
    /// A look back in time.
    StepBack,
    /// A look on in time.
    StepForward,
    /// Looks more often.
    Faster,
    /// Looks less often.
    Slower,
    /// Begins or ends a recording.
    Record,
    /// Searches for leaks.
    FindLeaks,
    /// Asks why the selected goroutine is blocked.
    AskWhy,
    /// Shows a view.
    View(View),
    /// Shows the next view.
    NextView,
    /// Shows the view before.
    PreviousView,
    /// Draws everything again.
    Redraw,
    /// Stops gostat, as shells do.
    Suspend,
}

/// Keys that do the same.
#[derive(Debug)]
pub struct Binding {
    /// The keys.
    pub keys: &'static [Key],
    /// How the help screen calls them.
    pub shown: &'static str,
    /// What they do.
    pub action: Action,
    /// The same in words.
    pub help: &'static str,
}

const fn binding(keys: &'static [Key], shown: &'static str, action: Action, help: &'static str) -> Binding {
    Binding { keys, shown, action, help }
}

/// All keys.
pub static BINDINGS: &[Binding] = &[
    binding(&[Key::Char('q'), Key::Ctrl('c')], "q, Ctrl-C", Action::Quit, "quit; a recording ends well"),
    binding(&[Key::Char('?'), Key::Char('h')], "?, h", Action::Help, "this help"),
    binding(&[Key::Up, Key::Char('k')], "Up, k", Action::Up, "a line up"),
    binding(&[Key::Down, Key::Char('j')], "Down, j", Action::Down, "a line down"),
    binding(&[Key::PageUp, Key::Ctrl('b')], "PgUp, Ctrl-B", Action::PageUp, "a page up"),
    binding(&[Key::PageDown, Key::Ctrl('f')], "PgDn, Ctrl-F", Action::PageDown, "a page down"),
    binding(&[Key::Home, Key::Char('g')], "Home, g", Action::First, "to the first line"),
    binding(&[Key::End, Key::Char('G')], "End, G", Action::Last, "to the last line"),
    binding(&[Key::Left], "Left", Action::Left, "text: show more of the left"),
    binding(&[Key::Right], "Right", Action::Right, "text: show more of the right"),
    binding(&[Key::Enter], "Enter", Action::Open, "open: a process, a cluster's goroutines, a stack"),
    binding(&[Key::Esc, Key::Backspace], "Esc, Backspace", Action::Back, "back; clears a filter first"),
    binding(
        &[Key::Char('/')],
        "/",
        Action::Filter,
        "tables: filter by a word or as gostat dump --filter; text: search",
    ),
    binding(&[Key::Char('n')], "n", Action::FindNext, "text: the next place that was searched for"),
    binding(&[Key::Char('s'), Key::Char('>')], "s, >", Action::SortNext, "sort by the next column"),
    binding(&[Key::Char('<')], "<", Action::SortPrevious, "sort by the column before"),
    binding(&[Key::Char('r')], "r", Action::Reverse, "sort the other way round"),
    binding(
        &[Key::Char(' '), Key::Char('p')],
        "Space, p",
        Action::Pause,
        "hold the picture, or go on; a recording: play, or stop",
    ),
    binding(&[Key::Char('[')], "[", Action::StepBack, "a look back in time (holds the picture)"),
    binding(&[Key::Char(']')], "]", Action::StepForward, "a look on in time"),
    binding(&[Key::Char('+'), Key::Char('=')], "+", Action::Faster, "look more often"),
    binding(&[Key::Char('-')], "-", Action::Slower, "look less often"),
    binding(&[Key::Char('w')], "w", Action::Record, "record to a file, or end that"),
    binding(&[Key::Char('L')], "L", Action::FindLeaks, "search for leaks: copies the heap, stops nothing"),
    binding(&[Key::Char('y')], "y", Action::AskWhy, "why is the selected goroutine blocked? copies the heap"),
    binding(&[Key::Char('1')], "1", Action::View(View::Clusters), "clusters: goroutines with equal stacks"),
    binding(&[Key::Char('2')], "2", Action::View(View::Goroutines), "every goroutine"),
    binding(&[Key::Char('3')], "3", Action::View(View::Stack), "the stack of what is selected"),
    binding(&[Key::Char('4')], "4", Action::View(View::Why), "what y found: who waits for whom"),
    binding(&[Key::Char('5')], "5", Action::View(View::Leaks), "what L found: leaks with their evidence"),
    binding(&[Key::Char('6')], "6", Action::View(View::Scheduler), "Ps, run queues, threads, memory, GC"),
    binding(&[Key::Char('7')], "7", Action::View(View::Events), "what happened: growth, gaps, GCs, ends"),
    binding(&[Key::Tab], "Tab", Action::NextView, "the next view"),
    binding(&[Key::BackTab], "Shift-Tab", Action::PreviousView, "the view before"),
    binding(&[Key::Ctrl('l')], "Ctrl-L", Action::Redraw, "draw everything again"),
    binding(&[Key::Ctrl('z')], "Ctrl-Z", Action::Suspend, "stop gostat; fg goes on"),
];

/// What a key does.
pub fn action_of(key: Key) -> Option<Action> {
    BINDINGS.iter().find(|binding| binding.keys.contains(&key)).map(|binding| binding.action)
}

/// The help screen.
pub(crate) fn help_lines() -> Vec<String> {
    let mut lines = vec!["Keys".to_owned()];
    lines.extend(BINDINGS.iter().map(|binding| format!("  {:<15} {}", binding.shown, binding.help)));
    lines.push(String::new());
    lines.push("Filters".to_owned());
    lines.push("  A word is looked for in functions, reasons, meanings, owners and creators.".to_owned());
    lines.extend(analysis::FILTER_HELP.lines().map(|line| format!("  {line}")));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_does_two_things_and_all_are_explained() {
        let mut seen = std::collections::HashSet::new();
        for binding in BINDINGS {
            assert!(!binding.keys.is_empty() && !binding.help.is_empty());
            for key in binding.keys {
                assert!(seen.insert(*key), "{key:?} is there twice");
                assert_eq!(action_of(*key), Some(binding.action));
            }
        }
        for view in View::ALL {
            assert!(BINDINGS.iter().any(|binding| binding.action == Action::View(view)), "{view:?}");
        }
    }
}
