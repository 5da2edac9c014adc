//! All parts of the agent together: they begin in order, and end in the opposite one.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::SystemTime;

use alerting::{AlertingError, Delivery, Finding, State};
use capture::CaptureError;
use history_store::{FindingState, HistoryError, SqliteStore};
use linux_process::ProcessTable;
use web_server::{Access, AccessError, Feed, Server, ServerError};

use crate::agent::Agent;
use crate::answers::Answers;
use crate::broadcast::Broadcast;
use crate::clock::{Clock, now_unix_ms};
use crate::config::Config;
use crate::judge::Judge;
use crate::live::Live;
use crate::measure::Metrics;
use crate::registry::Observer;
use crate::remember::{self, Memory};
use crate::searches::Searches;
use crate::target::Facts;
use crate::watcher::Look;

/// A running agent with everything that belongs to it.
pub struct Service {
    server: Server,
    agent: Arc<Agent>,
    searches: Arc<Searches>,
    judge: Arc<Judge>,
    live: Arc<Live>,
    memory: Option<Arc<Memory>>,
    /// Those that have things to remember until they end.
    threads: Vec<JoinHandle<()>>,
    /// The one that writes them.
    writer: Option<JoinHandle<()>>,
}

/// Why it cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// There is no place to keep anything.
    #[error("cannot use the state directory {}: {cause}", path.display())]
    State {
        /// The directory.
        path: PathBuf,
        /// Why not.
        cause: io::Error,
    },
    /// Nobody could be let in, or everybody would be.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// It cannot listen.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// Alerts cannot be delivered as they should be.
    #[error(transparent)]
    Alerts(#[from] AlertingError),
    /// The history cannot be opened.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// There are no threads left.
    #[error("cannot start a thread: {0}")]
    Thread(#[from] io::Error),
}

impl ServiceError {
    /// What the user can do about it, if anything.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            ServiceError::State { .. } => {
                "make it, writable for the agent alone, or set state_directory in the configuration"
            }
            ServiceError::Access(error) => error.hint(),
            ServiceError::Server(ServerError::Listen { .. }) => {
                "another agent may be running; set listen in the configuration"
            }
            ServiceError::Alerts(_) => "docs/alerts.md has the keys of receivers",
            ServiceError::History(error) => return error.hint(),
            ServiceError::Server(_) | ServiceError::Thread(_) => return None,
        };
        Some(hint.to_owned())
    }
}

/// What looks are for.
struct Parts {
    searches: Arc<Searches>,
    judge: Arc<Judge>,
    memory: Option<Arc<Memory>>,
    metrics: Arc<Metrics>,
    broadcast: Arc<Broadcast>,
}

impl Observer for Parts {
    fn began(&self, facts: &Facts) {
        self.searches.began(facts);
        self.memory.iter().for_each(|memory| memory.began(facts));
        self.metrics.began(facts);
        self.broadcast.began(facts);
    }

    fn looked(&self, look: &Look<'_, '_>) {
        self.searches.looked(look, &self.judge);
        let groups = self.metrics.groups_of(look.facts);
        self.memory.iter().for_each(|memory| memory.looked(look, groups.as_ref()));
        self.metrics.looked(look, groups, &self.searches, &self.judge);
        self.broadcast.looked(look);
    }

    fn failed(&self, facts: &Facts, error: &CaptureError) {
        self.memory.iter().for_each(|memory| memory.failed(facts, error));
        self.metrics.failed(facts, error);
        self.broadcast.failed(facts, error);
    }

    fn unwatched(&self, facts: &Facts) {
        self.memory.iter().for_each(|memory| memory.unwatched(facts));
    }

    fn ended(&self, facts: &Facts, how: &CaptureError) {
        self.searches.ended(facts);
        self.judge.ended(facts);
        self.memory.iter().for_each(|memory| memory.ended(facts, how));
        self.metrics.ended(facts);
        self.broadcast.ended(facts, how);
    }
}

impl Service {
    /// Starts everything.
    ///
    /// # Errors
    /// [`ServiceError`] says what is in the way; nothing is left running then.
    pub fn start(table: ProcessTable, config: Config) -> Result<Service, ServiceError> {
        let directory = config.state_directory.clone();
        std::fs::create_dir_all(&directory)
            .map_err(|cause| ServiceError::State { path: directory.clone(), cause })?;
        let access = access(config.listen, &config)?;
        let mut alerts = config.alerts.clone();
        alerts.spool_directory.get_or_insert_with(|| directory.join("alerts"));
        let delivery = Delivery::start(&alerts)?;
        let judge = Arc::new(Judge::new(&alerts, &directory)?);
        let searches = Arc::new(Searches::new());
        let store = config.history.keep.then(|| remember::open(&config)).transpose()?;
        let begin = |store: &SqliteStore| Memory::of(store, table.root(), Clock::of_the_machine());
        let (memory, earlier) = store.as_ref().map(begin).transpose()?.unzip();
        let (memory, earlier) = (memory.map(Arc::new), earlier.unwrap_or_default());
        let metrics = Arc::new(Metrics::new(table.clone()));
        let feed = Arc::new(Feed::new(now_unix_ms()));
        let broadcast = Arc::new(Broadcast::new(Arc::clone(&feed)));
        let parts = Parts {
            searches: Arc::clone(&searches),
            judge: Arc::clone(&judge),
            memory: memory.clone(),
            metrics: Arc::clone(&metrics),
            broadcast: Arc::clone(&broadcast),
        };
        let listen = config.listen;
        let agent = Arc::new(Agent::start(table, config, vec![Arc::new(parts)], earlier)?);
        let live = Arc::new(Live::new(Arc::clone(&agent)));
        let answers = Answers {
            registry: Arc::clone(agent.registry()),
            found: agent.found_cell(),
            metrics,
            judge: Arc::clone(&judge),
            live: Arc::clone(&live),
            memory: memory.clone(),
            feed,
            config: {
                let agent = Arc::clone(&agent);
                Box::new(move || agent.config())
            },
        };
        let server = Server::start(listen, access, Arc::new(answers))?;
        let mut service =
            Service { server, agent, searches, judge, live, memory, threads: Vec::new(), writer: None };
        service.spawn("judges", |service| {
            let (judge, memory) = (Arc::clone(&service.judge), service.memory.clone());
            move || {
                let keep = |findings: &[Finding]| {
                    memory.iter().for_each(|memory| memory.found(findings.iter().filter_map(kept).collect()));
                };
                judge.work(delivery, &keep, &|view| broadcast.findings(view));
            }
        })?;
        if let Some((memory, store)) = service.memory.clone().zip(store) {
            let agent = Arc::clone(&service.agent);
            let thread = thread::Builder::new().name("remembers".to_owned());
            service.writer = Some(thread.spawn(move || memory.work(store, &|| agent.config()))?);
        }
        service.spawn("searches", |service| {
            let (searches, judge) = (Arc::clone(&service.searches), Arc::clone(&service.judge));
            let agent = Arc::clone(&service.agent);
            move || searches.work(&|| agent.config(), &judge)
        })?;
        Ok(service)
    }

    fn spawn<F: FnOnce() + Send + 'static>(
        &mut self,
        name: &str,
        work: impl FnOnce(&Service) -> F,
    ) -> io::Result<()> {
        let work = work(self);
        self.threads.push(thread::Builder::new().name(name.to_owned()).spawn(work)?);
        Ok(())
    }

    /// Says what would keep an agent from starting with a configuration, as far as files say it: tokens, certificates, keys.
    ///
    /// # Errors
    /// What [`Service::start`] would fail of.
    pub fn check(config: &Config) -> Result<(), ServiceError> {
        access(config.listen, config)?;
        Ok(())
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Goes on with another configuration. What needs a restart is said: the address, the state directory, receivers of
    /// alerts, and whether there is a history.
    pub fn reload(&self, config: Config) {
        let now = self.agent.config();
        let unchanged = [
            ("listen", now.listen == config.listen),
            ("state_directory", now.state_directory == config.state_directory),
            ("alerts", now.alerts == config.alerts),
            ("history.keep", now.history.keep == config.history.keep),
        ];
        for (key, _) in unchanged.into_iter().filter(|(_, same)| !same) {
            tracing::warn!(key, "this key has changed, which needs a restart of the agent");
        }
        // The files may have changed where their names have not.
        match access(now.listen, &config) {
            Ok(access) => self.server.set_access(access),
            Err(error) => {
                tracing::error!(%error, hint = error.hint(), "who may ask, and certificates, stay as they were");
            }
        }
        self.agent.reload(config);
        tracing::info!("configuration read again");
    }

    /// Ends well: requests and looks that have begun are finished, alerts that are due are sent or kept.
    pub fn stop(self) {
        let Service { server, agent, searches, judge, live, memory, threads, writer } = self;
        live.stop();
        server.stop();
        searches.stop();
        agent.stop();
        judge.stop();
        let join = |thread: JoinHandle<()>| {
            if thread.join().is_err() {
                tracing::error!("a thread of the agent had panicked");
            }
        };
        threads.into_iter().for_each(join);
        memory.iter().for_each(|memory| memory.stop());
        writer.into_iter().for_each(join);
    }
}

/// Who may ask at an address, as a configuration has it.
fn access(listen: SocketAddr, config: &Config) -> Result<Access, AccessError> {
    let access = Access::new(listen, &config.http.files(), SystemTime::now())?;
    access.warnings().iter().for_each(|warning| tracing::warn!("{warning}"));
    Ok(access)
}

/// A finding as the history keeps it: each time that it fired is an entry. What has not fired is nothing yet, and mostly
/// goes as it came.
pub(crate) fn kept(finding: &Finding) -> Option<history_store::Finding> {
    let fired_ms = finding.firing_since_unix_ms?;
    Some(history_store::Finding {
        key: format!("{}@{fired_ms}", finding.id),
        process: None,
        state: match finding.state {
            State::Pending => FindingState::Pending,
            State::Firing => FindingState::Firing,
            State::Resolved => FindingState::Resolved,
        },
        first_ms: finding.pending_since_unix_ms,
        last_ms: finding.last_seen_unix_ms,
        body: serde_json::to_string(finding).unwrap_or_default(),
    })
}
