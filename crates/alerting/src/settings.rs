//! The part of the agent's configuration that is about alerts: `[alerts]` with `[[alerts.sinks]]`.
//!
//! ```
//! let settings: alerting::AlertSettings = toml::from_str(r#"
//!     spool_directory = "/var/lib/gostat/alerts"
//!     [findings]
//!     page_url = "https://gostat.example.com"
//!     [[sinks]]
//!     name = "on-call"
//!     type = "pagerduty"
//!     secret_file = "/etc/gostat/pagerduty-routing-key"
//!     min_severity = "critical"
//!     [[sinks]]
//!     name = "team"
//!     type = "slack"
//!     url_file = "/etc/gostat/slack-webhook"
//! "#)?;
//! settings.check()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::delivery::Address;
use crate::error::AlertingError;
use crate::findings::FindingSettings;
use crate::observation::Severity;
use crate::payload::SinkType;

/// Where PagerDuty takes events: <https://developer.pagerduty.com/docs/events-api-v2/overview/>.
const PAGERDUTY_URL: &str = "https://events.pagerduty.com/v2/enqueue";

/// `[alerts]` of the agent's configuration.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AlertSettings {
    /// The life of findings.
    pub findings: FindingSettings,
    /// A directory for alerts that are accepted and not delivered yet, one folder a sink. By default, `alerts` in
    /// the agent's state directory.
    #[schemars(example = &"/var/lib/gostat/alerts")]
    pub spool_directory: Option<PathBuf>,
    /// Where alerts go.
    #[schemars(example = &EXAMPLE_SINK)]
    pub sinks: Vec<SinkSettings>,
}

/// A receiver in the agent's documented example.
const EXAMPLE_SINK: &str = "\
[[alerts.sinks]]
name = \"on-call\"
# alertmanager, webhook, slack, wecom, dingtalk, feishu or pagerduty.
type = \"slack\"
# Addresses of chats are secrets: they come from a file (url_file) or a variable (url_env).
url_file = \"/etc/gostat/slack-webhook\"
# Only what is at least so severe: info, warning or critical.
min_severity = \"warning\"
";

/// One receiver of alerts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SinkSettings {
    /// Its name: letters, digits, `-` and `_`. Its queue on disk and its counters are kept by it.
    pub name: String,
    /// What it speaks.
    #[serde(rename = "type")]
    pub sink_type: SinkType,
    /// The address, for `alertmanager` (without `/api/v2/alerts`), `webhook` and `pagerduty` (default: the public
    /// one). Not for chats: theirs are secrets.
    #[serde(default)]
    pub url: Option<Address>,
    /// A file with the address. Read again for each message, so that it may be changed at any time.
    #[serde(default)]
    pub url_file: Option<PathBuf>,
    /// An environment variable with the address.
    #[serde(default)]
    pub url_env: Option<String>,
    /// A file with the secret: what `webhook`, `dingtalk` and `feishu` messages are signed with, or the routing key of
    /// `pagerduty`.
    #[serde(default)]
    pub secret_file: Option<PathBuf>,
    /// An environment variable with the secret.
    #[serde(default)]
    pub secret_env: Option<String>,
    /// A file with the value of the header `Authorization`: `Bearer …`. For `alertmanager` and `webhook`.
    #[serde(default)]
    pub authorization_file: Option<PathBuf>,
    /// An environment variable with that.
    #[serde(default)]
    pub authorization_env: Option<String>,
    /// A file with certificates (PEM) to trust instead of the machine's.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// Alerts that are less severe are not sent here. Everything is by default.
    #[serde(default = "least")]
    pub min_severity: Severity,
    /// Seconds after which what still fires is sent again. 60 for `alertmanager`, which forgets what it does not hear
    /// of; 0, which is never, for all others.
    #[serde(default)]
    pub repeat_s: Option<u64>,
    /// Labels that `alertmanager` gets in addition.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// Milliseconds that one try may take, connecting included. 10,000.
    #[serde(default = "timeout_ms")]
    pub timeout_ms: u64,
    /// Milliseconds before the second try; twice as many before each further one, give or take a quarter. 1,000.
    #[serde(default = "retry_first_ms")]
    pub retry_first_ms: u64,
    /// Milliseconds between tries at most, also if the receiver asks for more. 300,000.
    #[serde(default = "retry_max_ms")]
    pub retry_max_ms: u64,
    /// Seconds after which a message is given up. 86,400.
    #[serde(default = "give_up_after_s")]
    pub give_up_after_s: u64,
    /// Messages that may wait. 1,000. Beyond that, the oldest of what is resolved by now goes first.
    #[serde(default = "queue_max")]
    pub queue_max: usize,
    /// Bytes that they may have together. 8 MiB.
    #[serde(default = "queue_bytes_max")]
    pub queue_bytes_max: u64,
}

fn least() -> Severity {
    Severity::Info
}

fn timeout_ms() -> u64 {
    10_000
}

fn retry_first_ms() -> u64 {
    1_000
}

fn retry_max_ms() -> u64 {
    300_000
}

fn give_up_after_s() -> u64 {
    86_400
}

fn queue_max() -> usize {
    1_000
}

fn queue_bytes_max() -> u64 {
    8 << 20
}

impl AlertSettings {
    /// Says what cannot work, before anything is started. Files are not opened.
    ///
    /// # Errors
    ///
    /// The first setting that is missing, or contradicts another.
    pub fn check(&self) -> Result<(), AlertingError> {
        let mut names = BTreeSet::new();
        for sink in &self.sinks {
            sink.check()?;
            if !names.insert(&sink.name) {
                return Err(AlertingError::SameName { sink: sink.name.clone() });
            }
        }
        Ok(())
    }
}

impl SinkSettings {
    /// A sink with the defaults, and no address yet.
    pub fn new(name: &str, sink_type: SinkType) -> SinkSettings {
        SinkSettings {
            name: name.to_owned(),
            sink_type,
            url: None,
            url_file: None,
            url_env: None,
            secret_file: None,
            secret_env: None,
            authorization_file: None,
            authorization_env: None,
            ca_file: None,
            min_severity: least(),
            repeat_s: None,
            labels: BTreeMap::new(),
            timeout_ms: timeout_ms(),
            retry_first_ms: retry_first_ms(),
            retry_max_ms: retry_max_ms(),
            give_up_after_s: give_up_after_s(),
            queue_max: queue_max(),
            queue_bytes_max: queue_bytes_max(),
        }
    }

    /// Seconds after which what still fires is sent again; `None` for never.
    pub fn repeat(&self) -> Option<u64> {
        let default = if self.sink_type == SinkType::Alertmanager { 60 } else { 0 };
        Some(self.repeat_s.unwrap_or(default)).filter(|seconds| *seconds > 0)
    }

    /// The address if the configuration itself has it, or the type's own.
    pub(crate) fn plain_url(&self) -> Option<Address> {
        let is_elsewhere = self.url_file.is_some() || self.url_env.is_some();
        let default =
            || (self.sink_type == SinkType::Pagerduty && !is_elsewhere).then(|| Address::new(PAGERDUTY_URL));
        self.url.clone().or_else(default)
    }

    fn check(&self) -> Result<(), AlertingError> {
        let wrong = |problem| Err(AlertingError::Setting { sink: self.name.clone(), problem });
        let missing =
            |needs| Err(AlertingError::Missing { sink: self.name.clone(), sink_type: self.sink_type, needs });
        let is_letter = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if self.name.is_empty() || self.name.len() > 64 || !self.name.chars().all(is_letter) {
            return wrong("its name may have 1 to 64 letters, digits, - and _");
        }
        let both = |file: &Option<PathBuf>, variable: &Option<String>| file.is_some() && variable.is_some();
        let addresses = [self.url.is_some(), self.url_file.is_some(), self.url_env.is_some()]
            .into_iter()
            .filter(|set| *set);
        if addresses.count() > 1 {
            return wrong("give one of url, url_file and url_env");
        }
        if both(&self.secret_file, &self.secret_env)
            || both(&self.authorization_file, &self.authorization_env)
        {
            return wrong("give the file or the environment variable, not both");
        }
        if self.sink_type.has_secret_address() && self.url.is_some() {
            return wrong("its address is a secret: give url_file or url_env instead of url");
        }
        if self.plain_url().is_none() && self.url_file.is_none() && self.url_env.is_none() {
            return missing(if self.sink_type.has_secret_address() { "url_file or url_env" } else { "url" });
        }
        if let Some(url) = &self.url {
            url.check(&self.name)?;
        }
        let has_secret = self.secret_file.is_some() || self.secret_env.is_some();
        if self.sink_type == SinkType::Pagerduty && !has_secret {
            return missing("secret_file or secret_env with the routing key");
        }
        if has_secret && !self.sink_type.uses_secret() {
            return wrong("this type has no use for a secret; the address may be one (url_file)");
        }
        let is_label = |name: &String| {
            !name.is_empty()
                && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
                && !name.starts_with(|c: char| c.is_ascii_digit())
        };
        if !self.labels.keys().all(is_label) {
            return wrong("names of labels have letters, digits and _, and do not begin with a digit");
        }
        if self.timeout_ms == 0
            || self.retry_first_ms == 0
            || self.queue_max == 0
            || self.queue_bytes_max == 0
        {
            return wrong("timeout_ms, retry_first_ms, queue_max and queue_bytes_max have to be more than 0");
        }
        Ok(())
    }
}
