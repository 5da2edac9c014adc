//! How long things have to last before they are believed, and how many are kept.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The life of findings. Part of `[alerts]` in the agent's configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FindingSettings {
    /// Seconds for which something has to be seen before it fires. 30. In any case it takes two ticks.
    pub hold_s: u64,
    /// The same for what is critical. 5.
    pub hold_critical_s: u64,
    /// Seconds for which it has to be absent before it is resolved. 60. In any case it takes two ticks.
    pub resolve_after_s: u64,
    /// A finding that fired so often within `flap_window_s` flaps: it is resolved only after `flap_resolve_after_s`. 3.
    pub flap_count: u32,
    /// Seconds. 3600.
    pub flap_window_s: u64,
    /// Seconds. 1800.
    pub flap_resolve_after_s: u64,
    /// Seconds for which resolved findings are kept to be shown. 86400.
    pub keep_resolved_s: u64,
    /// Seconds after which what no detector has looked at any more counts as gone. 900.
    pub forget_unjudged_s: u64,
    /// Findings that are kept; resolved ones make room for new ones. 500.
    pub findings_max: usize,
    /// Targets that are listed in one finding; up to 1,000 more are counted. 50.
    pub targets_max: usize,
    /// The address under which users reach the agent's pages, for links: `https://gostat.example.com`.
    #[schemars(example = &"https://gostat.example.com")]
    pub page_url: Option<String>,
}

impl Default for FindingSettings {
    fn default() -> FindingSettings {
        FindingSettings {
            hold_s: 30,
            hold_critical_s: 5,
            resolve_after_s: 60,
            flap_count: 3,
            flap_window_s: 3_600,
            flap_resolve_after_s: 1_800,
            keep_resolved_s: 86_400,
            forget_unjudged_s: 900,
            findings_max: 500,
            targets_max: 50,
            page_url: None,
        }
    }
}
