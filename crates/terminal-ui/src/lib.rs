//! Go processes in a terminal: all of them, or one with its goroutines, live or from a recording.
//!
//! ```text
//! Session, Replay ──sampling──> Look, Fleet ──┐                        ┌──> Screen (draw: state to cells)
//!    (threads that look)        (never change) ├──> Mailbox ──> State ──┤
//! keys, signals ───────────────────────────────┤   (newest    (update)  └──> Effects: open, arrange, ask, record
//! arrange: filter, group, sort ────────────────┤    one wins)
//! search: leaks, why (a session of their own) ─┘
//! ```
//!
//! Three things keep it quick whatever the target does. Looks are taken, filtered and sorted by threads that hand over
//! what never changes any more, and of what waits only the newest counts. The state machine and the drawing are pure: the
//! same events are the same picture, so that both are tested without a terminal. And only rows that are seen are made.
//!
//! Looks of earlier stay as long as they fit into a bound on memory; then they lose their single goroutines, later their
//! clusters. What is lost, late or torn is said in the header.
//!
//! Deliberately absent: opening files to write (the binary's [`Tape`]), stopping a target, and any form for other
//! programs: [`once`] is for people.
//!
//! ```
//! use terminal_ui::{Key, Theme, picture, Event, State};
//! let mut state = State::new(None, std::time::Duration::from_secs(1), 1 << 20, (40, 5));
//! state.update(Event::Key(Key::Char('?')));
//! assert!(picture(&state, Theme { colour: false, unicode: true }).starts_with("gostat top: help"));
//! ```

#![forbid(unsafe_code)]

mod settings;
mod text;
mod keys;
mod cluster;
mod look;
mod fleet;
mod query;
mod arrange;
mod history;
mod event;
mod layout;
mod state;
mod draw;
mod mailbox;
mod sampling;
mod search;
mod screen;
mod app;
mod once;

pub use app::{Shown, run};
pub use arrange::{Arranged, ClusterRow, Request, arrange};
pub use cluster::{Cluster, ClusterKey, StackTexts};
pub use draw::draw;
pub use event::{Effect, Event, Progress, Question, Recorded, Seen};
pub use fleet::{Fleet, FleetProcess, Inside};
pub use history::History;
pub use keys::{Action, BINDINGS, Binding, Key, View, action_of};
pub use layout::{Area, Layout, Needs, layout};
pub use look::{Look, Observer, Place};
pub use once::{once, picture};
pub use query::{ClusterColumn, Column, Condition, GoroutineColumn, Order, ProcessColumn, Query};
pub use settings::{OpenTape, Settings, Tape, Theme, Trouble};
pub use state::{Cursor, Log, Message, Overview, Prompt, Purpose, Scroll, State, Watch};
