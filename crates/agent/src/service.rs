//! All parts of the agent together: they begin in order, and end in the opposite one.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use alerting::{AlertingError, Delivery};
use capture::CaptureError;
use linux_process::ProcessTable;
use web_server::{Access, AccessError, Server, ServerError};

use crate::agent::Agent;
use crate::answers::Answers;
use crate::config::Config;
use crate::judge::Judge;
use crate::registry::Observer;
use crate::searches::Searches;
use crate::target::Facts;
use crate::watcher::Look;

/// A running agent with everything that belongs to it.
pub struct Service {
    server: Server,
    agent: Arc<Agent>,
    searches: Arc<Searches>,
    judge: Arc<Judge>,
    threads: Vec<JoinHandle<()>>,
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
    /// There are no threads left.
    #[error("cannot start a thread: {0}")]
    Thread(#[from] io::Error),
}

impl ServiceError {
    /// What the user can do about it, if anything.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            ServiceError::State { .. } => {
                Some("make it, writable for the agent alone, or set state_directory in the configuration")
            }
            ServiceError::Access(error) => Some(error.hint()),
            ServiceError::Server(ServerError::Listen { .. }) => {
                Some("another agent may be running; set listen in the configuration")
            }
            ServiceError::Alerts(_) => Some("docs/alerts.md has the keys of receivers"),
            ServiceError::Server(_) | ServiceError::Thread(_) => None,
        }
    }
}

/// What looks are for.
struct Parts {
    searches: Arc<Searches>,
    judge: Arc<Judge>,
}

impl Observer for Parts {
    fn began(&self, facts: &Facts) {
        self.searches.began(facts);
    }

    fn looked(&self, look: &Look<'_, '_>) {
        self.searches.looked(look, &self.judge);
    }

    fn ended(&self, facts: &Facts, _how: &CaptureError) {
        self.searches.ended(facts);
        self.judge.ended(facts);
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
        let access = Access::new(config.listen, config.http.token_file.as_deref())?;
        let mut alerts = config.alerts.clone();
        alerts.spool_directory.get_or_insert_with(|| directory.join("alerts"));
        let delivery = Delivery::start(&alerts)?;
        let judge = Arc::new(Judge::new(&alerts, &directory)?);
        let searches = Arc::new(Searches::new());
        let parts = Parts { searches: Arc::clone(&searches), judge: Arc::clone(&judge) };
        let listen = config.listen;
        let agent = Arc::new(Agent::start(table, config, vec![Arc::new(parts)])?);
        let answers = Answers { registry: Arc::clone(agent.registry()), found: agent.found_cell() };
        let server = Server::start(listen, access, Arc::new(answers))?;
        let mut service = Service { server, agent, searches, judge, threads: Vec::new() };
        service.spawn("judges", |service| {
            let judge = Arc::clone(&service.judge);
            move || judge.work(delivery, &|_| ())
        })?;
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

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Goes on with another configuration. What needs a restart is said: the address, who may ask, the state directory
    /// and receivers of alerts.
    pub fn reload(&self, config: Config) {
        let now = self.agent.config();
        let unchanged = [
            ("listen", now.listen == config.listen),
            ("http", now.http == config.http),
            ("state_directory", now.state_directory == config.state_directory),
            ("alerts", now.alerts == config.alerts),
        ];
        for (key, _) in unchanged.into_iter().filter(|(_, same)| !same) {
            tracing::warn!(key, "this key has changed, which needs a restart of the agent");
        }
        self.agent.reload(config);
        tracing::info!("configuration read again");
    }

    /// Ends well: requests and looks that have begun are finished, alerts that are due are sent or kept.
    pub fn stop(self) {
        let Service { server, agent, searches, judge, threads } = self;
        server.stop();
        searches.stop();
        agent.shut_down();
        judge.stop();
        for thread in threads {
            if thread.join().is_err() {
                tracing::error!("a thread of the agent had panicked");
            }
        }
    }
}
