//! One target: its looks, and where the user is among them.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use snapshot::{Goroutine, GoroutineId};

use super::cursor::{Cursor, Rows, Scroll};
use super::log::Log;
use crate::arrange::{Arranged, Request};
use crate::cluster::{Cluster, ClusterKey};
use crate::event::{Progress, Question, Recorded, Seen};
use crate::history::History;
use crate::keys::View;
use crate::look::Look;
use crate::query::Query;
use crate::settings::Trouble;

/// What is watched, and how it is shown.
#[derive(Debug)]
pub struct Watch {
    /// What the user called it.
    pub name: String,
    /// Whether it is a recording.
    pub is_recording: bool,
    /// Looks of earlier.
    pub history: History,
    /// Of a recording: the moment that is shown, and what it is compared with.
    pub seen: Option<Seen>,
    /// The number of the look that is held; none while the newest is shown.
    pub held: Option<u64>,
    /// Whether a recording is being played.
    pub playing: bool,
    /// What is asked of looks.
    pub query: Query,
    /// The look that is shown, filtered and sorted.
    pub arranged: Option<Arc<Arranged>>,
    /// The number of the last request.
    pub requested: u64,
    /// What is shown.
    pub view: View,
    /// The table whose selected row the stack is of.
    pub table: View,
    /// Which cluster is selected.
    pub clusters: Cursor<ClusterKey>,
    /// Which goroutine is selected.
    pub goroutines: Cursor<GoroutineId>,
    /// Where one is in each view that is a text.
    pub scrolls: FxHashMap<View, Scroll>,
    /// What was asked about leaks.
    pub leaks: Option<Progress>,
    /// What was asked about a goroutine.
    pub why: Option<(GoroutineId, Progress)>,
    /// The recording that is being made.
    pub recorded: Option<Recorded>,
    /// What happened.
    pub log: Log,
    /// Why there are no more looks.
    pub gone: Option<Trouble>,
}

impl Watch {
    /// Nothing has been seen yet.
    pub(crate) fn new(name: String, is_recording: bool, memory_bytes: usize) -> Watch {
        Watch {
            name,
            is_recording,
            history: History::new(memory_bytes),
            seen: None,
            held: None,
            playing: false,
            query: Query::default(),
            arranged: None,
            requested: 0,
            view: View::Clusters,
            table: View::Clusters,
            clusters: Cursor::default(),
            goroutines: Cursor::default(),
            scrolls: FxHashMap::default(),
            leaks: None,
            why: None,
            recorded: None,
            log: Log::default(),
            gone: None,
        }
    }

    /// The look that is shown, and the one before it.
    pub fn shown(&self) -> Option<(&Arc<Look>, Option<&Arc<Look>>)> {
        if let Some(seen) = &self.seen {
            return Some((&seen.look, seen.before.as_ref()));
        }
        self.history.at(self.held.or_else(|| Some(self.history.newest()?.number))?)
    }

    /// Whether the picture is held, or a recording is not being played.
    pub fn is_paused(&self) -> bool {
        if self.is_recording { !self.playing } else { self.held.is_some() }
    }

    /// Takes a look in.
    pub(crate) fn take(&mut self, seen: Seen) {
        if self.is_recording {
            let last = seen.look.place.as_ref().is_some_and(|place| place.index + 1 >= place.count());
            self.playing &= !last;
            self.log.observe(&seen.look);
            self.seen = Some(seen);
        } else {
            self.log.observe(&seen.look);
            self.history.push(seen.look);
        }
        // What is held may have been given up by now: then the oldest that is left is.
        if let Some(held) = self.held
            && self.history.at(held).is_none()
        {
            self.held = self.history.oldest().map(|look| look.number);
        }
    }

    /// What is to be asked now.
    pub(crate) fn request(&mut self) -> Option<Request> {
        self.query.wants_goroutines = self.needs_goroutines();
        let (look, before) = self.shown()?;
        let first = match &self.seen {
            Some(seen) => seen.first.clone().unwrap_or_default(),
            None => Arc::clone(self.history.first()),
        };
        let (look, before) = (Arc::clone(look), before.cloned());
        self.requested += 1;
        Some(Request { look, before, first, query: self.query.clone(), number: self.requested })
    }

    fn needs_goroutines(&self) -> bool {
        self.view == View::Goroutines || self.table == View::Goroutines
    }

    /// Takes in what a request came to, unless it is older than what is shown.
    pub(crate) fn take_arranged(&mut self, arranged: Arc<Arranged>, page: usize) {
        if self.arranged.as_ref().is_none_or(|shown| shown.number < arranged.number) {
            self.arranged = Some(arranged);
            self.follow(page);
        }
    }

    /// Keeps what is selected selected.
    pub(crate) fn follow(&mut self, page: usize) {
        let Some(arranged) = self.arranged.clone() else { return };
        self.clusters.follow(&ClusterRows(&arranged), page);
        // Those that are yet to come are no reason to forget which one was selected.
        let are_yet_to_come = arranged.goroutines.is_empty() && arranged.number != self.requested;
        if self.needs_goroutines() && !are_yet_to_come {
            self.goroutines.follow(&GoroutineRows(&arranged), page);
        }
    }

    /// Selects a row of the table that is shown.
    pub(crate) fn go(&mut self, index: usize, page: usize) {
        let Some(arranged) = self.arranged.clone() else { return };
        match self.table {
            View::Goroutines => self.goroutines.go(index, &GoroutineRows(&arranged), page),
            _ => self.clusters.go(index, &ClusterRows(&arranged), page),
        }
    }

    /// The row that is selected in the table that is shown.
    pub(crate) fn index(&self) -> usize {
        if self.table == View::Goroutines { self.goroutines.index } else { self.clusters.index }
    }

    /// Rows of the table that is shown.
    pub(crate) fn rows(&self) -> usize {
        let Some(arranged) = &self.arranged else { return 0 };
        if self.table == View::Goroutines { arranged.goroutines.len() } else { arranged.clusters.len() }
    }

    /// The selected cluster.
    pub fn selected_cluster(&self) -> Option<&Arc<Cluster>> {
        let row = self.arranged.as_ref()?.clusters.get(self.clusters.index)?;
        Some(&row.cluster)
    }

    /// The selected goroutine, of the table of goroutines.
    pub fn selected_goroutine(&self) -> Option<&Goroutine> {
        let arranged = self.arranged.as_ref()?;
        goroutine_at(arranged, self.goroutines.index)
    }

    /// The goroutine to ask about: the selected one, or one of the selected cluster.
    pub(crate) fn goroutine_in_question(&self) -> Option<GoroutineId> {
        match self.table {
            View::Goroutines => self.selected_goroutine().map(|goroutine| goroutine.id),
            _ => self.selected_cluster()?.ids.first().copied(),
        }
    }

    /// Notes how far a question is.
    pub(crate) fn note(&mut self, question: Question, progress: Progress) {
        match question {
            Question::Leaks => self.leaks = Some(progress),
            Question::Why(goroutine) => self.why = Some((goroutine, progress)),
        }
    }
}

/// A goroutine of the table, by its row.
pub(crate) fn goroutine_at(arranged: &Arranged, row: usize) -> Option<&Goroutine> {
    let index = *arranged.goroutines.get(row)?;
    arranged.look.snapshot.as_ref()?.goroutines.get(usize::try_from(index).ok()?)
}

struct ClusterRows<'a>(&'a Arranged);

impl Rows<ClusterKey> for ClusterRows<'_> {
    fn len(&self) -> usize {
        self.0.clusters.len()
    }

    fn key(&self, index: usize) -> Option<ClusterKey> {
        self.0.clusters.get(index).map(|row| row.cluster.key)
    }
}

struct GoroutineRows<'a>(&'a Arranged);

impl Rows<GoroutineId> for GoroutineRows<'_> {
    fn len(&self) -> usize {
        self.0.goroutines.len()
    }

    fn key(&self, index: usize) -> Option<GoroutineId> {
        goroutine_at(self.0, index).map(|goroutine| goroutine.id)
    }
}
