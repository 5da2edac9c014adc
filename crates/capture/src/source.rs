//! Where snapshots come from: a process that lives, or a recording of one. Whoever asks cannot tell.

use std::collections::HashSet;
use std::hash::BuildHasher;
use std::time::Duration;

use snapshot::{Asleep, Census, GoroutineId, LeakFindings, Snapshot, Target};

use crate::blocking::{Blocked, Unmoved};
use crate::error::CaptureError;
use crate::image::CodeMapping;
use crate::leaks::LeakSearch;
use crate::options::Options;
use crate::replay::Replay;
use crate::session::Session;

/// A process that lives, or moments of one that were recorded.
pub enum Source {
    /// A process.
    Live(Box<Session>),
    /// A recording.
    Replay(Box<Replay>),
}

impl Source {
    /// The process, of which the recording may be.
    pub fn target(&self) -> &Target {
        match self {
            Source::Live(session) => session.target(),
            Source::Replay(replay) => &replay.current().snapshot.target,
        }
    }

    /// As [`Session::set_workers`]; a replay needs none.
    pub fn set_workers(&mut self, workers: usize) {
        if let Source::Live(session) = self {
            session.set_workers(workers);
        }
    }

    /// As [`Session::code_mapping`].
    pub fn code_mapping(&self) -> Option<CodeMapping> {
        match self {
            Source::Live(session) => session.code_mapping(),
            Source::Replay(replay) => {
                let recording::Code { start, end, file_offset } = replay.current().code?;
                Some(CodeMapping { start, end, file_offset })
            }
        }
    }

    /// Goes to the next moment: of a process that is now, whenever it is asked for; `false` where a recording ends.
    ///
    /// # Errors
    /// When the next moment cannot be read.
    pub fn advance(&mut self) -> Result<bool, CaptureError> {
        match self {
            Source::Live(_) => Ok(true),
            Source::Replay(replay) => Ok(replay.advance()?),
        }
    }

    /// The time of the next moment of a recording, nanoseconds of the monotonic clock; `None` for a process, and where
    /// a recording ends.
    pub fn next_ns(&self) -> Option<u64> {
        match self {
            Source::Live(_) => None,
            Source::Replay(replay) => replay.next_ns(),
        }
    }

    /// As [`Session::census`].
    ///
    /// # Errors
    /// As [`Session::census`].
    pub fn census(&mut self, options: &Options) -> Result<Census<'_>, CaptureError> {
        match self {
            Source::Live(session) => session.census(options),
            Source::Replay(replay) => {
                let shown = replay.shown(options);
                Ok(shown.census(&shown.goroutines))
            }
        }
    }

    /// As [`Session::snapshot`].
    ///
    /// # Errors
    /// As [`Session::snapshot`].
    pub fn snapshot(&mut self, options: &Options) -> Result<Snapshot, CaptureError> {
        match self {
            Source::Live(session) => session.snapshot(options),
            Source::Replay(replay) => Ok(replay.shown(options).clone()),
        }
    }

    /// As [`Session::find_leaks`]; of a recording, what was found when it was made.
    ///
    /// # Errors
    /// As [`Session::find_leaks`], and where the heap was not recorded.
    pub fn find_leaks(
        &mut self,
        search: &LeakSearch,
        begins: impl FnMut(u32),
        group: impl FnOnce(&Snapshot, &[Asleep]) -> Vec<Vec<GoroutineId>>,
    ) -> Result<(Snapshot, LeakFindings), CaptureError> {
        match self {
            Source::Live(session) => session.find_leaks(search, begins, group),
            Source::Replay(replay) => {
                let findings = replay.heap()?.leaks.clone();
                Ok((replay.shown(&Options::default()).clone(), findings))
            }
        }
    }

    /// As [`Session::blocked`]; of a recording, what was found when it was made.
    ///
    /// # Errors
    /// As [`Session::blocked`], and where the heap was not recorded.
    pub fn blocked(&mut self, freeze: Option<Duration>) -> Result<Blocked, CaptureError> {
        match self {
            Source::Live(session) => session.blocked(freeze),
            Source::Replay(replay) => {
                let recording::Blocking { references, frozen, unmoved } = replay.heap()?.blocking.clone();
                let snapshot = replay.shown(&Options::default()).clone();
                Ok(Blocked { snapshot, references, frozen, unmoved: Unmoved::Known(unmoved) })
            }
        }
    }

    /// As [`Session::still_blocked`].
    ///
    /// # Errors
    /// As [`Session::still_blocked`].
    pub fn still_blocked<S: BuildHasher>(
        &self,
        blocked: &Blocked,
        goroutines: &HashSet<GoroutineId, S>,
    ) -> Result<Vec<GoroutineId>, CaptureError> {
        match (self, &blocked.unmoved) {
            (Source::Live(session), _) => session.still_blocked(blocked, goroutines),
            (Source::Replay(_), Unmoved::Known(known)) => {
                Ok(known.iter().filter(|id| goroutines.contains(*id)).copied().collect())
            }
            (Source::Replay(_), Unmoved::SinceCopy(_)) => Ok(Vec::new()),
        }
    }
}
