//! What is known of a process that is watched, besides what it does.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::fmt;

use alerting::TargetTags;
use capture::ProgramBuild;
use linux_process::{Container, Process, ProcessTable, UserNames, container_of};
use serde::{Deserialize, Serialize};
use snapshot::Target;

use crate::config::Selected;

/// Names one run of one program: pid, start, and how often the process has executed another program since we first saw
/// it. Of `4242-18273` and `4242-18273.1` the second came by exec.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TargetId(String);

impl TargetId {
    /// Of the process with this pid and start (clock ticks since boot), after so many execs.
    pub fn new(pid: u32, start_ticks: u64, execs: u32) -> Self {
        TargetId(match execs {
            0 => format!("{pid}-{start_ticks}"),
            execs => format!("{pid}-{start_ticks}.{execs}"),
        })
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for TargetId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TargetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What does not change as long as it runs its program.
#[derive(Debug, Clone)]
pub struct Facts {
    /// Its name among targets.
    pub id: TargetId,
    /// The process and its program.
    pub target: Target,
    /// Which build of its program it runs.
    pub build: ProgramBuild,
    /// When it started, clock ticks since boot.
    pub start_ticks: u64,
    /// How many programs it has run before this one, as far as anybody saw.
    pub execs: u32,
    /// The same as Unix milliseconds, if the machine says when it was started.
    pub started_unix_ms: Option<u64>,
    /// The user that it runs as.
    pub user: Option<String>,
    /// Its container.
    pub container: Option<Container>,
    /// What its environment says of it, by the names of OpenTelemetry's semantic conventions: `service.name`,
    /// `service.version`, `deployment.environment.name`, `k8s.pod.name`, `k8s.node.name` and whatever else
    /// `OTEL_RESOURCE_ATTRIBUTES` has.
    pub labels: BTreeMap<String, String>,
}

/// A target's tags, for alerts.
pub(crate) fn tags(facts: &Facts) -> TargetTags {
    let label = |name: &str| facts.labels.get(name).cloned();
    TargetTags {
        pid: facts.target.pid,
        started_unix_ms: facts.started_unix_ms,
        executable: facts.target.executable.clone(),
        module: facts.target.module.clone(),
        service: label("service.name"),
        version: label("service.version").or_else(|| facts.target.module_version.clone()),
        environment: label("deployment.environment.name").or_else(|| label("deployment.environment")),
        container: facts.container.as_ref().map(|container| container.short_id().to_owned()),
        pod: label("k8s.pod.name"),
        node: label("k8s.node.name"),
    }
}

/// Variables that are looked at, and nothing else of the environment.
const VARIABLES: &[&str] =
    &["OTEL_SERVICE_NAME", "OTEL_RESOURCE_ATTRIBUTES", "POD_NAME", "POD_NAMESPACE", "NODE_NAME"];
/// Labels that are kept, and bytes of each.
const LABELS_MAX: usize = 32;
const LABEL_BYTES_MAX: usize = 256;

impl Facts {
    /// Gathers them. What cannot be read is absent.
    pub(crate) fn gather(
        id: TargetId,
        (start_ticks, execs): (u64, u32),
        (target, build): (Target, ProgramBuild),
        table: &ProcessTable,
        process: &Process,
        users: &mut UserNames,
    ) -> Self {
        let uid = process.status().ok().map(|status| status.uid);
        let variables = process.environment(VARIABLES).unwrap_or_default();
        Facts {
            id,
            target,
            build,
            start_ticks,
            execs,
            started_unix_ms: table.started_unix_ms(start_ticks),
            user: uid.map(|uid| users.name(uid).map_or_else(|| uid.to_string(), str::to_owned)),
            container: process.cgroups().ok().and_then(|groups| container_of(&groups)),
            labels: labels(&variables),
        }
    }

    /// What rules look at.
    pub fn selected(&self) -> Selected {
        Selected {
            name: self.target.name.clone(),
            module: self.target.module.clone(),
            user: self.user.clone(),
            container: self.container.as_ref().map(|container| container.id.clone()),
            labels: self.labels.clone(),
        }
    }
}

/// Labels from variables: `OTEL_SERVICE_NAME` goes before `service.name`, as the OpenTelemetry specification wants it
/// ("General SDK configuration"), and what the program's own SDK was told before what Kubernetes says.
fn labels(variables: &BTreeMap<&str, String>) -> BTreeMap<String, String> {
    let mut labels = BTreeMap::new();
    let mut add = |name: &str, value: &str| {
        let value = value.get(..value.floor_char_boundary(LABEL_BYTES_MAX)).unwrap_or_default();
        if !name.is_empty() && name.len() <= LABEL_BYTES_MAX && labels.len() < LABELS_MAX {
            labels.entry(name.to_owned()).or_insert_with(|| value.to_owned());
        }
    };
    if let Some(name) = variables.get("OTEL_SERVICE_NAME").filter(|name| !name.is_empty()) {
        add("service.name", name);
    }
    let attributes = variables.get("OTEL_RESOURCE_ATTRIBUTES").map_or("", String::as_str);
    for (name, value) in attributes.split(',').filter_map(|pair| pair.split_once('=')) {
        add(name.trim(), &percent_decoded(value.trim()));
    }
    for (variable, name) in [
        ("POD_NAME", "k8s.pod.name"),
        ("POD_NAMESPACE", "k8s.namespace.name"),
        ("NODE_NAME", "k8s.node.name"),
    ] {
        if let Some(value) = variables.get(variable) {
            add(name, value);
        }
    }
    labels
}

/// Values are percent-encoded, as in W3C baggage. What is no code stays as it is.
fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after.get(..2).filter(|_| *first == b'%').and_then(|code| std::str::from_utf8(code).ok());
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&'static str, &str)]) -> Vec<(String, String)> {
        labels(&variables.iter().map(|(name, value)| (*name, (*value).to_owned())).collect())
            .into_iter()
            .collect()
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn labels_are_those_of_the_services_own_telemetry() {
        let found = of(&[
            ("OTEL_SERVICE_NAME", "checkout"),
            (
                "OTEL_RESOURCE_ATTRIBUTES",
                "service.name=other, deployment.environment.name=prod%20eu,odd,=x,k8s.pod.name=a",
            ),
            ("POD_NAME", "b"),
            ("NODE_NAME", "n1"),
        ]);
        let expected = [
            pair("deployment.environment.name", "prod eu"),
            pair("k8s.node.name", "n1"),
            pair("k8s.pod.name", "a"),
            pair("service.name", "checkout"),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn endless_and_damaged_ones_are_bounded() {
        let many: String =
            (0..1000).map(|n| format!("k{n}=%zz%4{}", "x".repeat(500))).collect::<Vec<_>>().join(",");
        let found = of(&[("OTEL_RESOURCE_ATTRIBUTES", &many)]);
        assert_eq!(found.len(), LABELS_MAX);
        assert!(found.iter().all(|(_, value)| value.starts_with("%zz%4x") && value.len() == LABEL_BYTES_MAX));
    }

    #[test]
    fn an_exec_has_a_name_of_its_own() {
        assert_eq!(TargetId::new(42, 7, 0).as_str(), "42-7");
        assert_eq!(TargetId::new(42, 7, 2).to_string(), "42-7.2");
    }
}
