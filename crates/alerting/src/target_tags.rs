//! Which process an observation is of, with the tags that tell people where it runs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::digest::digest64;
use crate::text::{clean, file_name};

/// Characters that one tag may have; longer ones are cut.
const TAG_CHARS_MAX: usize = 200;

/// One watched process and where it runs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct TargetTags {
    /// Its process id, in the agent's pid namespace.
    pub pid: u32,
    /// When it was started, if known: tells it from another process that got its pid later.
    pub started_unix_ms: Option<u64>,
    /// Path of its executable.
    pub executable: String,
    /// Path of its main module.
    pub module: Option<String>,
    /// The service that it is part of, as the agent was told.
    pub service: Option<String>,
    /// The version of its main module, or the service's.
    pub version: Option<String>,
    /// The environment: `production`, `staging`.
    pub environment: Option<String>,
    /// Id or name of its container.
    pub container: Option<String>,
    /// Name of its pod.
    pub pod: Option<String>,
    /// Name of its node or machine.
    pub node: Option<String>,
}

/// Tells targets from each other: processes, not services.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TargetKey(pub u64);

impl TargetTags {
    /// The key of this process: by node, container, pod, pid and start.
    pub fn key(&self) -> TargetKey {
        let text = |tag: &Option<String>| tag.clone().unwrap_or_default();
        let started = self.started_unix_ms.map_or_else(String::new, |ms| ms.to_string());
        let pid = self.pid.to_string();
        TargetKey(digest64(&[&text(&self.node), &text(&self.container), &text(&self.pod), &pid, &started]))
    }

    /// What people call it: the service, else the module, else the executable's name.
    pub fn service_name(&self) -> &str {
        let named = self.service.as_deref().or(self.module.as_deref()).filter(|name| !name.is_empty());
        named.unwrap_or_else(|| file_name(&self.executable))
    }

    /// In one line: `payments-7f9c (pid 4242) on node-3`.
    pub fn place(&self) -> String {
        let name = self.pod.as_deref().or(self.container.as_deref());
        let name = name.unwrap_or_else(|| file_name(&self.executable));
        let node = self.node.as_ref().map_or_else(String::new, |node| format!(" on {node}"));
        format!("{name} (pid {}){node}", self.pid)
    }

    /// The same with every tag harmless and short.
    pub(crate) fn cleaned(&self) -> TargetTags {
        let short = |tag: &Option<String>| tag.as_ref().map(|tag| clean(tag, TAG_CHARS_MAX));
        TargetTags {
            pid: self.pid,
            started_unix_ms: self.started_unix_ms,
            executable: clean(&self.executable, TAG_CHARS_MAX),
            module: short(&self.module),
            service: short(&self.service),
            version: short(&self.version),
            environment: short(&self.environment),
            container: short(&self.container),
            pod: short(&self.pod),
            node: short(&self.node),
        }
    }
}
