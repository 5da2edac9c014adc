//! What an agent tells its observers, for tests to wait for.

use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use agent::config::{Collect, Config};
use agent::{Agent, EarlierPrograms, Facts, Look, Observer};
use capture::CaptureError;
use linux_process::ProcessTable;

/// Busy machines are slow; what takes longer does not come.
const PATIENCE: Duration = Duration::from_secs(120);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Event {
    Began,
    Looked { goroutines: u64, stacks: usize, collect: Collect, interval: Duration },
    Ended { replaced: bool },
}

/// Events with the ids and pids of their targets.
#[derive(Default)]
pub(crate) struct Heard {
    events: Mutex<Vec<(String, u32, Event)>>,
    news: Condvar,
}

impl Observer for Heard {
    fn began(&self, facts: &Facts) {
        self.push(facts, Event::Began);
    }

    fn looked(&self, look: &Look<'_, '_>) {
        let own = look.census.cohorts.iter().filter(|(cohort, _)| !cohort.is_runtime);
        let with_stack =
            own.clone().filter(|(cohort, _)| look.census.tables.frames_of(cohort.stack).next().is_some());
        let stacks = with_stack.count();
        let goroutines = own.map(|(_, count)| count).sum();
        let (collect, interval) = (look.collect, look.interval);
        self.push(look.facts, Event::Looked { goroutines, stacks, collect, interval });
    }

    fn failed(&self, _facts: &Facts, _error: &CaptureError) {}

    fn ended(&self, facts: &Facts, how: &CaptureError) {
        let replaced = matches!(how, CaptureError::Replaced { .. });
        self.push(facts, Event::Ended { replaced });
    }
}

impl Heard {
    fn push(&self, facts: &Facts, event: Event) {
        self.events.lock().unwrap().push((facts.id.to_string(), facts.target.pid, event));
        self.news.notify_all();
    }

    /// How many events there have been.
    pub(crate) fn count(&self) -> usize {
        self.events.lock().unwrap().len()
    }

    /// Whether something was ever heard of a process.
    pub(crate) fn has(&self, pid: u32, wanted: &Event) -> bool {
        self.events.lock().unwrap().iter().any(|(_, of, event)| *of == pid && event == wanted)
    }

    /// The first event of a process, from the one with this number on, that is wanted, with the target's id.
    pub(crate) fn wait_for(&self, pid: u32, from: usize, wanted: impl Fn(&Event) -> bool) -> (String, Event) {
        let until = Instant::now() + PATIENCE;
        let mut events = self.events.lock().unwrap();
        loop {
            let found = events.iter().skip(from).find(|(_, of, event)| *of == pid && wanted(event));
            if let Some((id, _, event)) = found {
                return (id.clone(), event.clone());
            }
            let left = until.saturating_duration_since(Instant::now());
            let of_it: Vec<_> = events.iter().filter(|(_, of, _)| *of == pid).rev().take(5).collect();
            assert!(!left.is_zero(), "process {pid}, latest first: {of_it:?}");
            events = self.news.wait_timeout(events, left).unwrap().0;
        }
    }
}

/// An agent that looks often. What `more` says of discovery and budget takes the place of what we say.
pub(crate) fn agent(more: &str) -> (Agent, Arc<Heard>) {
    let heard = Arc::new(Heard::default());
    let mut quick = QUICK.to_owned();
    for key in ["discovery", "budget"] {
        if more.contains(key) {
            quick = quick.replace(key, &format!("# {key}"));
        }
    }
    let config = Config::parse(&format!("{quick}{more}")).unwrap();
    let agent =
        Agent::start(ProcessTable::default(), config, vec![heard.clone()], EarlierPrograms::default())
            .unwrap();
    (agent, heard)
}

/// Other Go programs run on machines that run tests: a budget would share the time with them.
pub(crate) const QUICK: &str = "
interval = \"100ms\"
discovery = { every = \"100ms\", min_age = \"0s\" }
budget = { cpu_percent = 1000.0 }
breaker = { timeout = \"60s\" }
";
