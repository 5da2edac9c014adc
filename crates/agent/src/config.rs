//! What the agent is told in its configuration file, and what it does without one.
//!
//! Everything here has a default, so that no file at all is a good configuration. The comments of the fields are what
//! the documented example says: it is made of them (`config/example.rs`).

mod check;
mod example;
mod select;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use alerting::AlertSettings;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use web_server::AccessFiles;

pub use check::ConfigError;
pub use select::{Collect, Selected, TargetRule, Watched};

/// The agent's configuration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where it serves /metrics, profiles and the API: an address of this machine and a port.
    pub listen: SocketAddr,
    /// Who may ask there.
    pub http: Http,
    /// Where it keeps what it remembers.
    pub state_directory: PathBuf,
    /// Time between two looks at a process. Looks are at whole multiples of it on the monotonic clock.
    #[serde(with = "humantime_serde")]
    #[schemars(with = "String")]
    pub interval: Duration,
    /// Finding processes.
    pub discovery: Discovery,
    /// What the agent may use of the machine.
    pub budget: Budget,
    /// When a process that cannot be looked at in time, or not at all, is left alone.
    pub breaker: BreakerLimits,
    /// What is kept of what was seen.
    pub history: History,
    /// Searching for leaks.
    pub leaks: Leaks,
    /// What becomes of findings, and who is told. See docs/alerts.md for all keys of receivers.
    pub alerts: AlertSettings,
    /// Rules for some processes, tried in order: the first whose patterns all match decides. In patterns `*` stands for
    /// any text. What a rule leaves out stays as it is for all.
    #[schemars(example = &EXAMPLE_RULE)]
    pub targets: Vec<TargetRule>,
}

/// The rule in the documented example.
const EXAMPLE_RULE: &str = "\
[[targets]]
# All patterns that are given must match: the process's name,
name = \"checkout-*\"
# the path of its main module,
module = \"example.com/shop/*\"
# the user that it runs as,
user = \"shop\"
# the id of its container (the first digits are enough),
container = \"4f5e*\"
# and labels, from OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES of its environment.
labels = { \"deployment.environment.name\" = \"production\" }
# How often to look,
interval = \"1s\"
# and at what: \"stacks\", \"counts\" (states and wait reasons only) or \"off\".
collect = \"stacks\"
# Whether to search them for leaks.
leaks = true
";

/// Who may ask.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Http {
    /// A file with a token that all requests but /healthz and /readyz must bring along ("Authorization: Bearer TOKEN").
    /// Without one, and without client_ca_file, only this machine may ask: listening on any but a loopback address is an
    /// error then.
    #[schemars(example = &"/etc/gostat/token")]
    pub token_file: Option<PathBuf>,
    /// A file with the agent's certificate and those between it and a root, PEM. With it only HTTPS is served. SIGHUP reads
    /// all files of this section again.
    #[schemars(example = &"/etc/gostat/tls.crt")]
    pub tls_cert_file: Option<PathBuf>,
    /// A file with the certificate's key, PEM.
    #[schemars(example = &"/etc/gostat/tls.key")]
    pub tls_key_file: Option<PathBuf>,
    /// A file with authorities, PEM: whoever connects must have a certificate of one of them (mTLS). That is enough to
    /// listen on any address; with a token_file both are needed.
    #[schemars(example = &"/etc/gostat/clients-ca.crt")]
    pub client_ca_file: Option<PathBuf>,
}

/// Finding processes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Discovery {
    /// Time between two looks at the list of processes.
    #[serde(with = "humantime_serde")]
    #[schemars(with = "String")]
    pub every: Duration,
    /// How old a process must be to be looked into: what comes and goes faster costs nothing but its name.
    #[serde(with = "humantime_serde")]
    #[schemars(with = "String")]
    pub min_age: Duration,
    /// Go processes that are watched at most. The others are counted.
    pub targets_max: usize,
}

/// What the agent may use.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Budget {
    /// Share of one processor, in per cent, for looking at processes. Where that is not enough, looks become rarer, and
    /// then leave out stacks.
    pub cpu_percent: f64,
    /// Share of one processor, in per cent, for each process of which somebody watches every goroutine on the page, as long
    /// as somebody does. Where that is not enough, pictures become rarer.
    pub live_cpu_percent: f64,
    /// Memory of the agent, MiB. Above it the processes with the most goroutines are looked at without stacks, one after the
    /// other.
    pub memory_mib: u64,
    /// Looks never become rarer than one in this time.
    #[serde(with = "humantime_serde")]
    #[schemars(with = "String")]
    pub interval_max: Duration,
}

/// What is kept of what was seen, in the file history.sqlite of the state directory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct History {
    /// Whether anything is kept.
    pub keep: bool,
    /// How long every look is kept,
    #[serde(with = "humantime_serde")]
    #[schemars(with = "String")]
    pub looks: Duration,
    /// figures by the minute,
    #[serde(with = "humantime_serde")]
    #[schemars(with = "String")]
    pub minutes: Duration,
    /// and figures by the hour, marks and findings that are over.
    #[serde(with = "humantime_serde")]
    #[schemars(with = "String")]
    pub hours: Duration,
    /// Size of everything, MiB: beyond it the oldest goes, looks first. Findings that fire are always kept.
    pub size_mib: u64,
}

/// Searching for leaks: without stopping anything. A search copies the heap, which costs about 0.6 s of processor time for
/// each GiB, from a quarter of the budget.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Leaks {
    /// Whether to search at all.
    pub search: bool,
    /// Time between two searches of a process of which no group of goroutines grows. Those that grow are searched at once.
    #[serde(with = "humantime_serde")]
    #[schemars(with = "String")]
    pub every: Duration,
    /// Heaps with more than so many MiB of objects with pointers are not copied: the agent needs as much memory
    /// meanwhile.
    pub heap_mib: u64,
}

/// When a process is left alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BreakerLimits {
    /// A look that takes longer has timed out.
    #[serde(with = "humantime_serde")]
    #[schemars(with = "String")]
    pub timeout: Duration,
    /// Time-outs in a row after which the process is left alone.
    pub timeouts: u32,
    /// Share of looks that fail, in per cent, above which it is left alone,
    pub error_percent: f64,
    /// if that lasts for this time.
    #[serde(with = "humantime_serde")]
    #[schemars(with = "String")]
    pub error_window: Duration,
    /// Time after which it is tried again, with a single look.
    #[serde(with = "humantime_serde")]
    #[schemars(with = "String")]
    pub retry_after: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            listen: SocketAddr::from(([127, 0, 0, 1], 6068)),
            http: Http::default(),
            state_directory: PathBuf::from("/var/lib/gostat"),
            interval: Duration::from_secs(5),
            discovery: Discovery::default(),
            budget: Budget::default(),
            breaker: BreakerLimits::default(),
            history: History::default(),
            leaks: Leaks::default(),
            alerts: AlertSettings::default(),
            targets: Vec::new(),
        }
    }
}

impl Default for Discovery {
    fn default() -> Self {
        Discovery { every: Duration::from_secs(1), min_age: Duration::from_secs(1), targets_max: 1000 }
    }
}

impl Default for Budget {
    fn default() -> Self {
        Budget {
            cpu_percent: 2.0,
            live_cpu_percent: 25.0,
            memory_mib: 256,
            interval_max: Duration::from_secs(60),
        }
    }
}

impl Default for History {
    fn default() -> Self {
        let day = Duration::from_secs(24 * 3600);
        History { keep: true, looks: day * 7, minutes: day * 31, hours: day * 400, size_mib: 2048 }
    }
}

impl Default for Leaks {
    fn default() -> Self {
        Leaks { search: true, every: Duration::from_secs(600), heap_mib: 128 }
    }
}

impl Default for BreakerLimits {
    fn default() -> Self {
        BreakerLimits {
            timeout: Duration::from_secs(1),
            timeouts: 3,
            error_percent: 50.0,
            error_window: Duration::from_secs(10),
            retry_after: Duration::from_secs(60),
        }
    }
}

impl Http {
    /// Where what it names is.
    pub(crate) fn files(&self) -> AccessFiles {
        AccessFiles {
            token: self.token_file.clone(),
            certificate: self.tls_cert_file.clone(),
            key: self.tls_key_file.clone(),
            client_authorities: self.client_ca_file.clone(),
        }
    }
}

impl Config {
    /// Reads a configuration from the text of a file.
    ///
    /// # Errors
    /// [`ConfigError`] names the line and what is wrong with it.
    pub fn parse(text: &str) -> Result<Config, ConfigError> {
        check::parse(text)
    }

    /// A configuration file with every key, its default and what it means; all of it commented out.
    pub fn example() -> String {
        example::example()
    }
}
