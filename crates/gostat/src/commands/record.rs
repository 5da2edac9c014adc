//! `gostat record`: moments of a process, kept in a file.

use std::collections::HashSet;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use analysis::Rules;
use analysis::blocking::BlockingGraph;
use anyhow::Result;
use capture::{LeakSearch, Options, Pace, Session};
use leak_detection::groups_to_weigh;
use recording::{Blocking, Code, Heap, Moment};
use snapshot::GoroutineId;

use crate::arguments::RecordOptions;
use crate::target::{self, TargetError};
use crate::ticks::Ticks;
use crate::trouble::{remark, remark_on_release};

/// Why nothing, or nothing more, can be recorded.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RecordError {
    #[error("{} is there already", path.display())]
    Exists { path: PathBuf },
    #[error("cannot record to {}", path.display())]
    Open {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("cannot write moment {} to {}", moments + 1, path.display())]
    Write {
        path: PathBuf,
        moments: u64,
        #[source]
        source: io::Error,
    },
}

impl RecordError {
    /// What the user can do about it, if anything.
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            RecordError::Exists { .. } => Some("recordings are never overwritten: give another name".into()),
            RecordError::Open { source, .. } if source.kind() == io::ErrorKind::NotFound => {
                Some("does the directory exist?".into())
            }
            RecordError::Open { .. } => None,
            RecordError::Write { moments, source, .. } => {
                let full = match source.kind() {
                    io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "the disk is full; ",
                    _ => "",
                };
                Some(match moments {
                    0 => format!("{full}nothing was left behind"),
                    moments => format!("{full}moments up to {moments} are in the file, and whole"),
                })
            }
        }
    }
}

/// Runs `gostat record`.
pub(crate) fn run(options: &RecordOptions) -> Result<()> {
    if target::recording(&options.target)?.is_some() {
        let target = options.target.clone();
        return Err(TargetError::NeedsProcess { option: "recording", target }.into());
    }
    let mut session = target::live(&options.target)?;
    session.set_workers(options.reading.threads());
    remark_on_release(session.target());
    let mut pace = options.interval.map(|interval| Pace::new(interval.0)).transpose()?;
    let mut ticks = Ticks::new(if pace.is_some() { options.count } else { Some(1) })?;
    let mut tape = Tape::create(&options.output)?;
    while ticks.wait(pace.as_ref()) {
        let moment = if options.heap { with_heap(&mut session, options)? } else { plain(&mut session)? };
        if let Some(pace) = &mut pace {
            pace.began(moment.snapshot.taken_at_monotonic_ns);
        }
        tape.append(&moment)?;
        if io::stderr().is_terminal() {
            let goroutines = moment.snapshot.goroutines.len();
            let line = format!("\r{}: {goroutines} goroutines ", tape.summary());
            // It is only for who watches.
            let _ = io::stderr().lock().write_all(line.as_bytes());
        }
    }
    let summary = format!("{} in {}", tape.summary(), options.output.display());
    tape.finish()?;
    if io::stderr().is_terminal() {
        let _ = io::stderr().lock().write_all(b"\n");
        remark(&summary, None);
    }
    Ok(())
}

fn plain(session: &mut Session) -> Result<Moment> {
    let snapshot = session.snapshot(&Options::EVERYTHING)?;
    Ok(Moment { snapshot, code: code(session), heap: None })
}

fn with_heap(session: &mut Session, options: &RecordOptions) -> Result<Moment> {
    let search = LeakSearch { passes: options.passes, freeze: options.freeze() };
    let by_built_in = |snapshot: &_, asleep: &_| groups_to_weigh(Rules::built_in(), snapshot, asleep);
    let (blocked, leaks) = session.find_leaks_and_blocked(&search, |_| (), by_built_in)?;
    let graph = BlockingGraph::new(&blocked.snapshot, &blocked.references);
    let members: HashSet<GoroutineId, _> = graph.members(&graph.deadlocks());
    let mut unmoved =
        if members.is_empty() { Vec::new() } else { session.still_blocked(&blocked, &members)? };
    unmoved.sort_unstable();
    let blocking = Blocking { references: blocked.references, frozen: blocked.frozen, unmoved };
    Ok(Moment { snapshot: blocked.snapshot, code: code(session), heap: Some(Heap { leaks, blocking }) })
}

fn code(session: &Session) -> Option<Code> {
    let code = session.code_mapping()?;
    Some(Code { start: code.start, end: code.end, file_offset: code.file_offset })
}

/// A recording that is being made.
pub(crate) struct Tape {
    file: File,
    path: PathBuf,
    bytes: u64,
    moments: u64,
}

impl Tape {
    /// Takes a file that is new or empty, which nobody else records to.
    pub(crate) fn create(path: &Path) -> Result<Tape, RecordError> {
        let exists = || RecordError::Exists { path: path.to_owned() };
        let failed = |source| RecordError::Open { path: path.to_owned(), source };
        let opened = OpenOptions::new().write(true).create(true).truncate(false).open(path);
        let file = opened.map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        if !metadata.is_file() || metadata.len() > 0 {
            return Err(exists());
        }
        match file.try_lock() {
            // Some file systems have no locks.
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(exists()),
            Err(TryLockError::Error(_)) => {}
        }
        Ok(Tape { file, path: path.to_owned(), bytes: 0, moments: 0 })
    }

    /// Adds a moment.
    pub(crate) fn append(&mut self, moment: &Moment) -> Result<()> {
        let record = recording::encode(moment)?;
        let header = if self.moments == 0 { recording::header().to_vec() } else { Vec::new() };
        let write = |mut file: &File| file.write_all(&[header, record].concat());
        if let Err(source) = write(&self.file) {
            self.give_up();
            let Tape { path, moments, .. } = self;
            return Err(RecordError::Write { path: path.clone(), moments: *moments, source }.into());
        }
        self.bytes = self.file.metadata().map_or(self.bytes, |metadata| metadata.len());
        self.moments += 1;
        Ok(())
    }

    /// Cuts what was written of a moment that has no room.
    fn give_up(&mut self) {
        // If that fails, readers see that the file is cut.
        let _ = self.file.set_len(self.bytes);
    }

    /// Ends it, and waits for the disk.
    pub(crate) fn finish(self) -> Result<(), RecordError> {
        let failed = |source| RecordError::Write { path: self.path.clone(), moments: self.moments, source };
        // Some file systems notice only now that they are full.
        self.file.sync_all().map_err(failed)
    }

    fn summary(&self) -> String {
        let noun = if self.moments == 1 { "moment" } else { "moments" };
        format!("{} {noun}, {} KiB", self.moments, self.bytes.div_ceil(1024))
    }
}

impl Drop for Tape {
    /// A file without a moment is of no use to anybody.
    fn drop(&mut self) {
        if self.moments == 0 {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}
