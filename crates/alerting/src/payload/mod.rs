//! What each receiver is sent: pure functions from notices to requests.
//!
//! Names in notices come from targets: whatever they are, they are text here, and neither markup nor a mention.

mod signature;
mod timestamp;
mod markup;
mod message;
mod alertmanager;
mod webhook;
mod slack;
mod wecom;
mod dingtalk;
mod feishu;
mod pagerduty;

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::alert::Notice;

/// What a receiver speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SinkType {
    /// Prometheus Alertmanager, API v2.
    Alertmanager,
    /// Anything that takes our own JSON.
    Webhook,
    /// A Slack incoming webhook, or what behaves like one.
    Slack,
    /// A WeCom group robot.
    Wecom,
    /// A DingTalk custom robot.
    Dingtalk,
    /// A Feishu (Lark) custom bot.
    Feishu,
    /// PagerDuty Events API v2.
    Pagerduty,
}

impl SinkType {
    /// All of them.
    pub const ALL: [SinkType; 7] = [
        SinkType::Alertmanager,
        SinkType::Webhook,
        SinkType::Slack,
        SinkType::Wecom,
        SinkType::Dingtalk,
        SinkType::Feishu,
        SinkType::Pagerduty,
    ];

    /// Its name in the configuration.
    pub fn name(self) -> &'static str {
        match self {
            SinkType::Alertmanager => "alertmanager",
            SinkType::Webhook => "webhook",
            SinkType::Slack => "slack",
            SinkType::Wecom => "wecom",
            SinkType::Dingtalk => "dingtalk",
            SinkType::Feishu => "feishu",
            SinkType::Pagerduty => "pagerduty",
        }
    }

    /// Whether whoever knows the address may send.
    pub(crate) fn has_secret_address(self) -> bool {
        matches!(self, SinkType::Slack | SinkType::Wecom | SinkType::Dingtalk | SinkType::Feishu)
    }

    /// Whether it signs, or puts a key into messages.
    pub(crate) fn uses_secret(self) -> bool {
        matches!(self, SinkType::Webhook | SinkType::Dingtalk | SinkType::Feishu | SinkType::Pagerduty)
    }
}

impl fmt::Display for SinkType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a request depends on besides the notice.
#[derive(Clone, Copy)]
pub struct Envelope<'a> {
    /// When it is sent, milliseconds since 1970.
    pub sent_at_unix_ms: u64,
    /// Until when Alertmanager shall believe that what fires still does.
    pub believed_until_unix_ms: u64,
    /// What to sign with, or PagerDuty's routing key.
    pub secret: Option<&'a str>,
    /// Labels to add, for Alertmanager.
    pub labels: &'a BTreeMap<String, String>,
}

/// A request, but for the address. Not shown by `Debug`: it may hold a key.
#[derive(Clone, PartialEq, Eq)]
pub struct Payload {
    /// What comes behind the path of the address that users give.
    pub path: &'static str,
    /// Parameters to add to the address, as they are.
    pub query: Vec<(&'static str, String)>,
    /// Headers besides the content's type.
    pub headers: Vec<(&'static str, String)>,
    /// JSON.
    pub body: String,
}

impl Payload {
    fn json(body: &serde_json::Value) -> Payload {
        Payload { path: "", query: Vec::new(), headers: Vec::new(), body: body.to_string() }
    }
}

/// The request that tells a receiver what happened.
pub fn payload(sink: SinkType, notice: &Notice, envelope: &Envelope<'_>) -> Payload {
    match sink {
        SinkType::Alertmanager => alertmanager::payload(std::slice::from_ref(notice), envelope),
        SinkType::Webhook => webhook::payload(notice, envelope),
        SinkType::Slack => slack::payload(notice),
        SinkType::Wecom => wecom::payload(notice),
        SinkType::Dingtalk => dingtalk::payload(notice, envelope),
        SinkType::Feishu => feishu::payload(notice, envelope),
        SinkType::Pagerduty => pagerduty::payload(notice, envelope),
    }
}

/// One request for many alerts that Alertmanager shall go on to believe in.
pub(crate) fn refresh(notices: &[Notice], envelope: &Envelope<'_>) -> Payload {
    alertmanager::payload(notices, envelope)
}
