//! Telling deploys: another build of a service appears than the one that appeared before it.
//!
//! Replicas of one build are one deploy, however many there are and in whatever order they are found: what counts is when
//! processes started. What the history knows of builds goes on after a restart of the agent.

use alerting::TargetTags;
use capture::ProgramBuild;
use history_store::{Process, ProcessInfo, ProcessKey};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::target::{Facts, tags};

/// Services of which the latest build is remembered; beyond, those that were started longest ago are forgotten.
const SERVICES_MAX: usize = 10_000;
/// Characters of a revision and of a build id that people are shown.
const REVISION_CHARS: usize = 12;
const BUILD_ID_CHARS: usize = 8;

/// Tags of a process in the history that say which build it runs.
const PACKAGE: &str = "go.main_package";
const BUILD_ID: &str = "go.build_id";
const REVISION: &str = "vcs.revision";
const MODIFIED: &str = "vcs.modified";

/// What has to be the same for one process to come after another: replicas of several programs may have one name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Service {
    name: String,
    namespace: Option<String>,
    environment: Option<String>,
    program: String,
}

/// A build, and when a process that runs it was started last: processes of earlier boots come first.
#[derive(Debug, Clone)]
struct Latest {
    build: ProgramBuild,
    version: Option<String>,
    started: (bool, u64, u32),
}

/// What is known of builds.
#[derive(Debug, Default)]
pub(super) struct Deploys {
    latest: FxHashMap<Service, Latest>,
    living: FxHashMap<ProcessKey, (Service, ProgramBuild)>,
    /// Processes of this boot that agents before this one have seen.
    seen_before: FxHashSet<ProcessKey>,
}

/// A deploy: of which service, and what there is to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Deploy {
    pub(super) service: String,
    pub(super) text: String,
}

impl Deploys {
    /// Learns from a process of the history. Those are told in the order in which they were seen first.
    pub(super) fn learn(&mut self, process: &Process, boot_id: &str) {
        let (key, info) = (&process.key, &process.info);
        let is_of_this_boot = key.boot_id == boot_id;
        if is_of_this_boot {
            self.seen_before.insert(key.clone());
        }
        let started = match is_of_this_boot {
            true => (true, key.start_ticks, key.execs),
            false => (false, process.first_seen_ms, key.execs),
        };
        let build = build_of(info);
        let tags = TargetTags {
            executable: info.executable.clone(),
            module: info.module.clone(),
            service: info.tags.get("service.name").cloned(),
            ..TargetTags::default()
        };
        let service = Service {
            name: tags.service_name().to_owned(),
            namespace: namespace(&info.tags),
            environment: environment(&info.tags),
            program: program(&build, &info.executable),
        };
        let version = info.tags.get("service.version").cloned();
        let known = self.latest.get(&service);
        if known.is_none_or(|known| known.started <= started) {
            self.keep(service, Latest { build, version, started });
        }
    }

    /// A process is watched from now on; the deploy that it is, if it is one.
    pub(super) fn began(&mut self, key: &ProcessKey, facts: &Facts) -> Option<Deploy> {
        let build = facts.build.clone();
        let service = Service {
            name: tags(facts).service_name().to_owned(),
            namespace: namespace(&facts.labels),
            environment: environment(&facts.labels),
            program: program(&build, &facts.target.executable),
        };
        let others = self.living.iter().filter(|(other, _)| *other != key);
        let is_replica =
            others.into_iter().any(|(_, (of, living))| *of == service && living.is(&build) == Some(true));
        self.living.insert(key.clone(), (service.clone(), build.clone()));
        let version = facts.labels.get("service.version").cloned();
        let started = (true, facts.start_ticks, facts.execs);
        let now = Latest { build, version, started };
        let before = self.latest.get(&service);
        if before.is_some_and(|before| before.started > started) {
            return None;
        }
        let is_another = before.is_some_and(|before| before.build.is(&now.build) == Some(false));
        if is_another && is_replica {
            // One of those that are about to be replaced was started again.
            return None;
        }
        let text = before.filter(|_| is_another).map(|before| told(&service.name, &now, before));
        let deploy = text.map(|text| Deploy { service: service.name.clone(), text });
        self.keep(service, now);
        deploy.filter(|_| !self.seen_before.contains(key))
    }

    /// A process is no longer watched.
    pub(super) fn ended(&mut self, key: &ProcessKey) {
        self.living.remove(key);
    }

    fn keep(&mut self, service: Service, latest: Latest) {
        if self.latest.len() >= SERVICES_MAX && !self.latest.contains_key(&service) {
            let oldest = self.latest.iter().min_by_key(|(_, latest)| latest.started);
            let oldest = oldest.map(|(service, _)| service.clone());
            oldest.into_iter().for_each(|oldest| drop(self.latest.remove(&oldest)));
        }
        self.latest.insert(service, latest);
    }
}

/// Says in the tags of a process which build it runs. What its environment says by these names is not believed.
pub(super) fn tag(info: &mut ProcessInfo, build: &ProgramBuild) {
    let modified = build.modified.then(|| "true".to_owned());
    for (key, value) in [
        (PACKAGE, build.package.clone()),
        (BUILD_ID, build.id.clone()),
        (REVISION, build.revision.clone()),
        (MODIFIED, modified),
    ] {
        match value {
            Some(value) => info.tags.insert(key.to_owned(), value),
            None => info.tags.remove(key),
        };
    }
}

fn build_of(info: &ProcessInfo) -> ProgramBuild {
    let tag = |key: &str| info.tags.get(key).cloned();
    ProgramBuild {
        package: tag(PACKAGE),
        version: info.module_version.clone().filter(|version| version != "(devel)"),
        revision: tag(REVISION),
        modified: tag(MODIFIED).is_some(),
        id: tag(BUILD_ID),
    }
}

/// The main package, which stays the same where the file is named after its version.
fn program(build: &ProgramBuild, executable: &str) -> String {
    let file = || executable.rsplit('/').next().unwrap_or(executable).to_owned();
    build.package.clone().filter(|package| package != "command-line-arguments").unwrap_or_else(file)
}

type Labels = std::collections::BTreeMap<String, String>;

fn namespace(labels: &Labels) -> Option<String> {
    labels.get("service.namespace").or_else(|| labels.get("k8s.namespace.name")).cloned()
}

fn environment(labels: &Labels) -> Option<String> {
    labels.get("deployment.environment.name").or_else(|| labels.get("deployment.environment")).cloned()
}

/// `shop: v1.2.3 (abc123) after v1.2.2 (def456)`.
fn told(service: &str, now: &Latest, before: &Latest) -> String {
    let (mut text, mut earlier) = (named(now, false), named(before, false));
    if text == earlier {
        (text, earlier) = (named(now, true), named(before, true));
    }
    format!("{service}: {text} after {earlier}")
}

fn named(latest: &Latest, with_id: bool) -> String {
    let build = &latest.build;
    let short = |text: &str, chars: usize| text.chars().take(chars).collect::<String>();
    let version = latest.version.as_ref().or(build.version.as_ref());
    let dirty = if build.modified { "+changes" } else { "" };
    let revision = build.revision.as_deref();
    let revision = revision.map(|revision| short(revision, REVISION_CHARS) + dirty);
    // The last part is the hash of what was built; those before it, of what it was built from.
    let id = build.id.as_deref().and_then(|id| id.rsplit('/').next());
    let id = id.filter(|_| with_id || revision.is_none());
    let id = id.map(|id| format!("build {}", short(id, BUILD_ID_CHARS)));
    let details: Vec<String> = [revision, id].into_iter().flatten().collect();
    match (version, details.join(", ")) {
        (Some(version), details) if details.is_empty() => version.clone(),
        (Some(version), details) => format!("{version} ({details})"),
        (None, details) if details.is_empty() => "an unknown build".to_owned(),
        (None, details) => details,
    }
}

#[cfg(test)]
mod tests;
