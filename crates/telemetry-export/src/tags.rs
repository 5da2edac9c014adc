//! Which process a metric is of: the labels that every series of a target carries.

use snapshot::Target;

/// What identifies a target to people and machines. Whatever is not known stays `None` and is no label.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tags {
    /// What names this process among all that the agent looks at, for as long as it lives. Required, and unlike that of
    /// any other target: of two with equal tags only one is exported.
    pub target: String,
    /// Name of the service.
    pub service: Option<String>,
    /// Version of the service, as whoever deployed it calls it.
    pub version: Option<String>,
    /// Where it is deployed: `production`, `staging`.
    pub environment: Option<String>,
    /// Container id or name.
    pub container: Option<String>,
    /// Kubernetes pod.
    pub pod: Option<String>,
    /// Machine or Kubernetes node.
    pub node: Option<String>,
    /// What only `gostat_target_info` says.
    pub process: ProcessTags,
}

/// What describes a process without being needed to tell it from others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProcessTags {
    /// Process id in our pid namespace.
    pub pid: Option<u32>,
    /// Path of the executable in the target's own view.
    pub executable: Option<String>,
    /// Path of the main module.
    pub module: Option<String>,
    /// Version of the main module.
    pub module_version: Option<String>,
    /// Go release: `go1.27.4`.
    pub go_version: Option<String>,
    /// Processor architecture, Go's name for it.
    pub architecture: Option<&'static str>,
}

impl From<&Target> for ProcessTags {
    fn from(target: &Target) -> ProcessTags {
        ProcessTags {
            pid: Some(target.pid),
            executable: Some(target.executable.clone()),
            module: target.module.clone(),
            module_version: target.module_version.clone(),
            go_version: Some(target.go_version.clone()),
            architecture: Some(target.architecture.goarch()),
        }
    }
}

impl Tags {
    /// Names of the labels that every series of a target may carry, in the order in which they are written.
    pub const LABELS: [&'static str; 7] =
        ["target", "service", "version", "environment", "container", "pod", "node"];

    /// Their values, in the same order.
    pub(crate) fn values(&self) -> [Option<&str>; 7] {
        [
            Some(&self.target),
            self.service.as_deref(),
            self.version.as_deref(),
            self.environment.as_deref(),
            self.container.as_deref(),
            self.pod.as_deref(),
            self.node.as_deref(),
        ]
    }
}
