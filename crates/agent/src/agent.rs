//! The agent's life: threads that look, one that finds, and how all of it begins and ends.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use linux_process::ProcessTable;

use crate::config::Config;
use crate::discovery::{Discovery, Scan};
use crate::measure::resident_bytes;
use crate::registry::{Observer, Registry};
use crate::remember::EarlierPrograms;

/// Threads that look: one may be busy with a large process while the other sees to the rest.
const LOOKERS: usize = 2;
/// How often rules and budget are applied anew.
const PLANNED_EVERY: Duration = Duration::from_secs(10);

/// What discovery says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// Processes in the last scan.
    pub processes: usize,
    /// Of these, those that may be Go programs but could not be looked into.
    pub refused: usize,
    /// Processes that have not been looked into, as there are as many targets as there may be.
    pub left: usize,
    /// Scans so far.
    pub scans: u64,
    /// Why the last scan failed, if it did.
    pub error: Option<String>,
}

/// A running agent.
pub struct Agent {
    registry: Arc<Registry>,
    found: Arc<RwLock<Found>>,
    config: Arc<Mutex<Arc<Config>>>,
    control: Sender<Control>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

enum Control {
    Reload,
    Stop,
}

impl Agent {
    /// Begins to watch every Go process in a `/proc`. `earlier` is which programs they ran when they were last watched.
    ///
    /// # Errors
    /// When threads cannot be started.
    pub fn start(
        table: ProcessTable,
        config: Config,
        observers: Vec<Arc<dyn Observer>>,
        earlier: EarlierPrograms,
    ) -> std::io::Result<Agent> {
        let registry = Arc::new(Registry::new(observers));
        let (control, commands) = channel();
        let agent = Agent {
            registry: Arc::clone(&registry),
            found: Arc::default(),
            config: Arc::new(Mutex::new(Arc::new(config))),
            control,
            threads: Mutex::default(),
        };
        let mut threads = Vec::new();
        for number in 0..LOOKERS {
            let registry = Arc::clone(&registry);
            let thread = thread::Builder::new().name(format!("looks-{number}"));
            threads.push(thread.spawn(move || registry.work())?);
        }
        let (found, config) = (Arc::clone(&agent.found), Arc::clone(&agent.config));
        let discovery = Discovery::new(table, current(&config).discovery.clone(), earlier);
        let thread = thread::Builder::new().name("finds".to_owned());
        threads.push(thread.spawn(move || find(discovery, &config, &registry, &found, &commands))?);
        *agent.threads.lock().unwrap_or_else(PoisonError::into_inner) = threads;
        Ok(agent)
    }

    /// All targets.
    pub fn registry(&self) -> &Arc<Registry> {
        &self.registry
    }

    /// What discovery says of itself.
    pub fn found(&self) -> Found {
        self.found.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The same, to be asked again.
    pub(crate) fn found_cell(&self) -> Arc<RwLock<Found>> {
        Arc::clone(&self.found)
    }

    /// The configuration as it is now.
    pub fn config(&self) -> Arc<Config> {
        current(&self.config)
    }

    /// Goes on with another configuration. Nothing that is known is lost.
    pub fn reload(&self, config: Config) {
        *self.config.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(config);
        // If nobody listens it is on its way out.
        let _ = self.control.send(Control::Reload);
    }

    /// Ends: looks that have begun are finished, and no others begin.
    pub fn stop(&self) {
        let _ = self.control.send(Control::Stop);
        self.registry.stop();
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            if thread.join().is_err() {
                tracing::error!("a thread of the agent had panicked");
            }
        }
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        self.stop();
    }
}

fn current(config: &Mutex<Arc<Config>>) -> Arc<Config> {
    Arc::clone(&config.lock().unwrap_or_else(PoisonError::into_inner))
}

fn find(
    mut discovery: Discovery,
    config: &Mutex<Arc<Config>>,
    registry: &Registry,
    found: &RwLock<Found>,
    commands: &Receiver<Control>,
) {
    let mut now = current(config);
    let (mut planned, mut tidied, mut was_too_much) = (Instant::now(), Instant::now(), false);
    loop {
        registry.take_ended().into_iter().for_each(|pid| discovery.ended(pid));
        let room = now.discovery.targets_max.saturating_sub(registry.len());
        let scan = discovery.scan(room);
        let added = scan.as_ref().is_ok_and(|scan| !scan.found.is_empty());
        note(scan, &now, registry, found);
        if added || planned.elapsed() >= PLANNED_EVERY {
            registry.plan(&now);
            planned = Instant::now();
        }
        if tidied.elapsed() >= PLANNED_EVERY {
            was_too_much = keep_small(&now, registry, was_too_much);
            tidied = Instant::now();
        }
        match commands.recv_timeout(now.discovery.every) {
            Err(RecvTimeoutError::Timeout) => {}
            Ok(Control::Reload) => {
                now = current(config);
                discovery.set(now.discovery.clone());
                registry.plan(&now);
            }
            Ok(Control::Stop) | Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// Keeps to the memory that we may have: one target at a time gives up its stacks, and the next one when it is still too
/// much after that. Only what lasts counts: a copy of a heap comes and goes. Says whether it is too much now.
fn keep_small(config: &Config, registry: &Registry, was_too_much: bool) -> bool {
    let limit = config.budget.memory_mib << 20;
    let too_much = || resident_bytes().filter(|resident| *resident > limit);
    if too_much().is_none() {
        return false;
    }
    // What was freed, by the last one who gave up something for example, stays with the allocator, and counts as ours.
    capture::give_back_freed();
    let Some(resident) = too_much() else { return false };
    if was_too_much && let Some(facts) = registry.relieve() {
        let (name, mib) = (&facts.target.name, resident >> 20);
        tracing::warn!(target = %facts.id, name, mib, "too much memory: its stacks are not looked at any more");
    }
    true
}

/// Takes in what a scan saw.
fn note(
    scan: Result<Scan, linux_process::ProcessError>,
    config: &Config,
    registry: &Registry,
    found: &RwLock<Found>,
) {
    let mut all = found.write().unwrap_or_else(PoisonError::into_inner);
    all.scans += 1;
    let scan = match scan {
        Ok(scan) => scan,
        Err(error) => {
            if all.error.is_none() {
                tracing::error!(%error, "cannot list processes");
            }
            all.error = Some(error.to_string());
            return;
        }
    };
    if all.left == 0 && scan.left > 0 && registry.len() >= config.discovery.targets_max {
        tracing::warn!(
            targets_max = config.discovery.targets_max,
            "there are too many processes to watch all"
        );
    }
    (all.processes, all.refused, all.left, all.error) = (scan.processes, scan.refused_total, scan.left, None);
    for refused in &scan.refused {
        let hint = refused.hint.as_deref().unwrap_or_default();
        tracing::warn!(pid = refused.pid, reason = refused.reason, hint, "cannot look into a process");
    }
    for found in scan.found {
        let (facts, target) = (&found.facts, &found.facts.target);
        tracing::info!(
            target = %facts.id,
            name = target.name,
            module = target.module.as_deref().unwrap_or_default(),
            go = target.go_version,
            "target found"
        );
        registry.add(found, config);
    }
}
