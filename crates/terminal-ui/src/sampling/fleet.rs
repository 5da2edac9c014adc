//! Looking at all Go processes: a session for each, as long as it lives.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use analysis::count;
use capture::{Options, Session, Survey, monotonic_ns};
use linux_process::{ProcessTable, Stat};
use rustc_hash::FxHashMap;

use super::{Clock, Due, Order};
use crate::event::Event;
use crate::fleet::{Fleet, FleetProcess, Inside};
use crate::mailbox::Mailbox;
use crate::settings::{Settings, Trouble};

/// Processes that are watched at most.
const PROCESSES_MAX: usize = 1000;
/// Looks that a trend is made of.
const TREND_MAX: usize = 60;
/// What could not be looked into, or was no Go program, is looked at again after so many looks: it may have executed
/// another program.
const FORGET_AFTER: u64 = 20;

/// What is known of a process.
enum Known {
    /// It can be looked at.
    Watched(Box<Session>, VecDeque<u64>),
    /// It may be Go, but may not be looked at.
    Refused(Trouble, u64),
    /// It is none of ours.
    Other(u64),
}

/// What is in a process, and its trend.
type Glance = (Result<Inside, Trouble>, Arc<[u64]>);

/// Watches all processes.
#[derive(Default)]
pub(crate) struct Watcher {
    table: ProcessTable,
    survey: Survey,
    /// By pid and time of start.
    known: FxHashMap<(u32, u64), Known>,
    trend: VecDeque<u64>,
    looks: u64,
}

/// Looks until it is told to stop.
pub(super) fn run(settings: &Settings, mailbox: &Mailbox, orders: &Receiver<Order>) {
    let mut watcher = Watcher::default();
    let (mut clock, mut looking) = (Clock::new(settings.interval), true);
    loop {
        match clock.wait(orders, looking) {
            Due::Ordered(Order::Stop) => return,
            Due::Ordered(Order::Interval(interval)) => clock = Clock::new(interval),
            Due::Ordered(Order::Play(play)) => looking = play,
            Due::Ordered(Order::Show(_) | Order::Record(_)) => {}
            Due::Look => {
                clock.began(monotonic_ns());
                match watcher.look() {
                    Ok(fleet) => mailbox.send(Event::Fleet(Arc::new(fleet))),
                    Err(trouble) => mailbox.send(Event::Trouble(trouble)),
                }
            }
        }
    }
}

impl Watcher {
    /// Looks at all of them once.
    pub(crate) fn look(&mut self) -> Result<Fleet, Trouble> {
        let began = Instant::now();
        self.looks += 1;
        let stats = self.table.list().map_err(|error| Trouble::new(&error, error.hint()))?;
        let own = self.table.own_pid();
        let uptime_ms = self.table.machine_uptime_ms();
        let mut fleet = Fleet::default();
        let mut alive = rustc_hash::FxHashSet::default();
        for stat in stats {
            if stat.kernel_thread || stat.state.has_exited() || Some(stat.pid) == own {
                continue;
            }
            alive.insert((stat.pid, stat.start_ticks));
            let Some((inside, trend)) = self.inside(&stat, &mut fleet.left_out) else { continue };
            fleet.processes.push(FleetProcess {
                pid: stat.pid,
                start_ticks: stat.start_ticks,
                threads: stat.threads,
                uptime_ms: uptime_ms.map(|uptime| ProcessTable::uptime_ms(uptime, stat.start_ticks)),
                name: stat.name,
                trend,
                inside,
            });
        }
        self.known.retain(|process, _| alive.contains(process));
        push(&mut self.trend, fleet.processes.iter().filter_map(FleetProcess::goroutines).sum());
        fleet.trend = self.trend.iter().copied().collect();
        let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        fleet.taken_at_unix_ms = u64::try_from(unix.as_millis()).unwrap_or(u64::MAX);
        fleet.took_us = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
        Ok(fleet)
    }

    /// What there is to say of a process; `None` if it is no Go program.
    fn inside(&mut self, stat: &Stat, left_out: &mut usize) -> Option<Glance> {
        let id = (stat.pid, stat.start_ticks);
        let is_old = |since: u64| self.looks >= since + FORGET_AFTER;
        if let Some(Known::Refused(_, since) | Known::Other(since)) = self.known.get(&id)
            && is_old(*since)
        {
            self.known.remove(&id);
        }
        if !self.known.contains_key(&id) {
            let known = self.attach(stat, left_out)?;
            self.known.insert(id, known);
        }
        match self.known.get_mut(&id)? {
            Known::Other(_) => None,
            Known::Refused(trouble, _) => Some((Err(trouble.clone()), Arc::default())),
            Known::Watched(session, trend) => match inside(session) {
                Ok(inside) => {
                    push(trend, inside.goroutines);
                    let trend = trend.iter().copied().collect();
                    Some((Ok(inside), trend))
                }
                // It has ended, or is another program by now: the next look will tell.
                Err(_) => {
                    self.known.remove(&id);
                    None
                }
            },
        }
    }

    fn attach(&mut self, stat: &Stat, left_out: &mut usize) -> Option<Known> {
        let watched = self.known.values().filter(|known| matches!(known, Known::Watched(..))).count();
        match self.survey.attach(self.table.open(stat.pid).ok()?) {
            Ok(_) if watched >= PROCESSES_MAX => {
                *left_out += 1;
                None
            }
            Ok(session) => Some(Known::Watched(Box::new(session), VecDeque::new())),
            Err(error) if error.is_passing() => None,
            Err(error) if error.may_be_go() => {
                Some(Known::Refused(Trouble::new(&error, error.hint()), self.looks))
            }
            Err(_) => Some(Known::Other(self.looks)),
        }
    }
}

fn inside(session: &mut Session) -> Result<Inside, capture::CaptureError> {
    let target = session.target().clone();
    let census = session.census(&Options::COUNTS)?;
    let counts = count(&census);
    let module = [target.module, target.module_version].into_iter().flatten().collect::<Vec<_>>().join(" ");
    Ok(Inside {
        go_version: target.go_version,
        module,
        goroutines: counts.total.saturating_sub(counts.runtime),
        by_status: counts.by_status.iter().map(|(status, count)| (*status, *count)).collect(),
        gomaxprocs: census.scheduler.as_ref().map(|scheduler| scheduler.processors.len() as u64),
        lost: census.gaps.iter().map(|gap| gap.count.max(1)).sum(),
    })
}

fn push(trend: &mut VecDeque<u64>, total: u64) {
    trend.push_back(total);
    if trend.len() > TREND_MAX {
        trend.pop_front();
    }
}
