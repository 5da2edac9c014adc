//! Finding Go processes as they come, and telling them apart as they go.
//!
//! Listing `/proc` is all that most scans do: who is new is looked at once it is old enough, and who turned out to be no
//! Go program again only now and then, as it may have executed one since.

use std::time::{Duration, Instant};

use capture::{AttachError, Session, Survey};
use linux_process::{ListedPid, Process, ProcessError, ProcessTable, UserNames};
use rustc_hash::FxHashMap;

use crate::config::Discovery as Settings;
use crate::remember::EarlierPrograms;
use crate::target::{Facts, TargetId};

/// Of those that are no Go programs one in so many is looked at again in each scan; and all, while they are young:
/// shells and container runtimes execute the real program soon.
const ROTATION: u32 = 16;
const YOUNG: Duration = Duration::from_secs(30);
/// Processes that are attached to in one scan, at most: the others have their turn in the next.
const ATTACHED_PER_SCAN: usize = 64;
/// Processes that are remembered at most; beyond these, new ones are not looked at.
const KNOWN_MAX: usize = 1 << 20;

/// A Go process that was found.
pub(crate) struct Found {
    /// Which it is.
    pub(crate) facts: Facts,
    /// The way into it.
    pub(crate) session: Session,
}

/// A process that may be a Go program but could not be looked into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    /// Its pid.
    pub(crate) pid: u32,
    /// Why not.
    pub(crate) reason: String,
    /// What may help.
    pub(crate) hint: Option<String>,
}

/// What a scan saw.
#[derive(Default)]
pub(crate) struct Scan {
    /// Go processes that were not there before.
    pub(crate) found: Vec<Found>,
    /// Those that could not be looked into, and were not known to be so.
    pub(crate) refused: Vec<Refused>,
    /// Processes that were left for later, as there was no room for more targets or there were too many at once.
    pub(crate) left: usize,
    /// Processes that could not be looked into, in all.
    pub(crate) refused_total: usize,
    /// All processes.
    pub(crate) processes: usize,
}

/// What is remembered of a process from scan to scan.
struct Known {
    first_seen: Instant,
    execs: u32,
    state: State,
}

#[derive(PartialEq, Eq)]
enum State {
    /// Too young to be looked at.
    New,
    /// A Go program; whoever watches it says when that ends.
    Go,
    /// No Go program, or one that cannot be read, and which file it runs.
    Other { file: Option<(u64, u64)>, refused: bool },
}

/// Finds processes.
pub(crate) struct Discovery {
    table: ProcessTable,
    settings: Settings,
    survey: Survey,
    users: UserNames,
    known: FxHashMap<ListedPid, Known>,
    own_pid: Option<u32>,
    scans: u32,
    earlier: EarlierPrograms,
}

impl Discovery {
    /// Finds processes in a `/proc`, of which some were watched before.
    pub(crate) fn new(table: ProcessTable, settings: Settings, earlier: EarlierPrograms) -> Self {
        let own_pid = table.own_pid();
        Discovery {
            table,
            settings,
            survey: Survey::default(),
            users: UserNames::default(),
            known: FxHashMap::default(),
            own_pid,
            scans: 0,
            earlier,
        }
    }

    /// Other settings from now on.
    pub(crate) fn set(&mut self, settings: Settings) {
        self.settings = settings;
    }

    /// Looks who is there. At most `room` targets are found.
    ///
    /// # Errors
    /// When the list cannot be read: nothing is changed then.
    pub(crate) fn scan(&mut self, room: usize) -> Result<Scan, ProcessError> {
        let listed = self.table.listed()?;
        let (now, mut scan) = (Instant::now(), Scan { processes: listed.len(), ..Scan::default() });
        self.scans = self.scans.wrapping_add(1);
        let mut before = std::mem::take(&mut self.known);
        let own_pid = self.own_pid;
        for listed in listed.into_iter().filter(|listed| Some(listed.pid) != own_pid) {
            let known = before.remove(&listed);
            let mut known = known.unwrap_or(Known { first_seen: now, execs: 0, state: State::New });
            if self.is_due(&listed, &known, now) {
                if scan.found.len() < room.min(ATTACHED_PER_SCAN) {
                    self.look_at(listed.pid, &mut known, &mut scan);
                } else if known.state == State::New {
                    scan.left += 1;
                }
            }
            if self.known.len() < KNOWN_MAX {
                self.known.insert(listed, known);
            }
        }
        let refused = |known: &&Known| matches!(known.state, State::Other { refused: true, .. });
        scan.refused_total = self.known.values().filter(refused).count();
        Ok(scan)
    }

    /// Says that a target is no longer watched, as it ended or runs another program: if its process is still there, it
    /// will be looked at again.
    pub(crate) fn ended(&mut self, pid: u32) {
        for (_, known) in self.known.iter_mut().filter(|(listed, _)| listed.pid == pid) {
            known.execs += 1;
            known.state = State::New;
        }
    }

    fn is_due(&self, listed: &ListedPid, known: &Known, now: Instant) -> bool {
        let seen_for = now.duration_since(known.first_seen);
        match known.state {
            State::Go => false,
            // Who is there at first may be older than the agent: its own age decides.
            State::New => seen_for >= self.settings.min_age || self.scans == 1,
            State::Other { .. } => {
                seen_for < YOUNG || listed.pid.wrapping_add(self.scans).is_multiple_of(ROTATION)
            }
        }
    }

    fn look_at(&mut self, pid: u32, known: &mut Known, scan: &mut Scan) {
        let Ok(process) = self.table.open(pid) else { return };
        let Ok(stat) = process.stat() else { return };
        let file = process.executable_file().ok();
        if let State::Other { file: before, .. } = &known.state
            && (*before == file || stat.kernel_thread)
        {
            return;
        }
        let uptime = self.table.machine_uptime_ms();
        let age_ms = uptime.map(|uptime| ProcessTable::uptime_ms(uptime, stat.start_ticks));
        if age_ms.is_some_and(|age| u128::from(age) < self.settings.min_age.as_millis()) {
            return;
        }
        let other = |refused| State::Other { file, refused };
        if stat.kernel_thread {
            known.state = other(false);
            return;
        }
        match self.attach(process, known.execs, stat.start_ticks) {
            Ok(found) => {
                (known.state, known.execs) = (State::Go, found.facts.execs);
                scan.found.push(found);
            }
            Err(error) if error.is_passing() => {}
            Err(error) => {
                let refused = error.may_be_go();
                known.state = other(refused);
                if refused {
                    scan.refused.push(Refused { pid, reason: error.to_string(), hint: error.hint() });
                }
            }
        }
    }

    fn attach(&mut self, process: Process, execs: u32, start_ticks: u64) -> Result<Found, AttachError> {
        let pid = process.pid();
        let session = self.survey.attach(process)?;
        let process = self.table.open(pid)?;
        let target = session.target().clone();
        // Of a process that is new to us, the history may know more.
        let execs = if execs == 0 { self.earlier.execs(pid, start_ticks, &target) } else { execs };
        let id = TargetId::new(pid, start_ticks, execs);
        let program = (target, session.build());
        let facts = Facts::gather(id, (start_ticks, execs), program, &self.table, &process, &mut self.users);
        Ok(Found { facts, session })
    }
}
