//! Which appearances of processes are deploys.

use history_store::{Process, ProcessId};
use snapshot::{Architecture, LayoutSource, Target};

use super::*;
use crate::target::TargetId;

const BOOT: &str = "boot";

fn build(version: &str, revision: &str, id: &str) -> ProgramBuild {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    ProgramBuild {
        package: Some("example.com/shop/cmd/shop".to_owned()),
        version: some(version),
        revision: some(revision),
        modified: false,
        id: some(id),
    }
}

fn v(number: u32) -> ProgramBuild {
    build(
        &format!("v1.{number}.0"),
        &format!("{number}abcdef0123456789"),
        &format!("action/main/content{number}"),
    )
}

/// A process by its start, which is also its pid.
fn facts(start_ticks: u64, build: ProgramBuild, labels: &[(&str, &str)]) -> Facts {
    let target = Target {
        pid: u32::try_from(start_ticks).unwrap(),
        name: "shop".to_owned(),
        executable: "/srv/shop".to_owned(),
        architecture: Architecture::Amd64,
        go_version: "go1.27.4".to_owned(),
        module: Some("example.com/shop".to_owned()),
        module_version: build.version.clone(),
        stripped: true,
        layout: LayoutSource::Table,
    };
    let labels = [("service.name", "shop")].iter().chain(labels);
    Facts {
        id: TargetId::new(target.pid, start_ticks, 0),
        target,
        build,
        start_ticks,
        execs: 0,
        started_unix_ms: None,
        user: None,
        container: None,
        labels: labels.map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
    }
}

fn key(facts: &Facts) -> ProcessKey {
    ProcessKey {
        boot_id: BOOT.to_owned(),
        pid: facts.target.pid,
        start_ticks: facts.start_ticks,
        execs: facts.execs,
    }
}

/// What is told when these begin, one after the other.
fn told_of(deploys: &mut Deploys, began: &[Facts]) -> Vec<String> {
    began.iter().filter_map(|facts| deploys.began(&key(facts), facts)).map(|deploy| deploy.text).collect()
}

/// The process as the history has it.
fn stored(facts: &Facts, boot_id: &str) -> Process {
    let mut info = crate::remember::described(facts);
    tag(&mut info, &facts.build);
    Process {
        id: ProcessId(1),
        key: ProcessKey { boot_id: boot_id.to_owned(), ..key(facts) },
        info,
        first_seen_ms: facts.start_ticks,
        last_seen_ms: facts.start_ticks + 5,
        ended: None,
    }
}

#[test]
fn another_build_is_one_deploy_however_many_replicas_it_has() {
    let mut deploys = Deploys::default();
    let began = [facts(1, v(2), &[]), facts(2, v(2), &[]), facts(3, v(3), &[]), facts(4, v(3), &[])];
    let said = ["shop: v1.3.0 (3abcdef01234) after v1.2.0 (2abcdef01234)"];
    assert_eq!(told_of(&mut deploys, &began), said);
    // One of the old replicas is started again while others of its build still run: that is no deploy.
    deploys.ended(&key(&began[0]));
    assert_eq!(told_of(&mut deploys, &[facts(5, v(2), &[])]), Vec::<String>::new());
    // When all of them are gone, it is: somebody went back.
    for old in [&began[1], &facts(5, v(2), &[])] {
        deploys.ended(&key(old));
    }
    let back = told_of(&mut deploys, &[facts(6, v(2), &[])]);
    assert_eq!(back, ["shop: v1.2.0 (2abcdef01234) after v1.3.0 (3abcdef01234)"]);
}

#[test]
fn what_was_started_earlier_is_no_deploy_in_whatever_order_processes_are_found() {
    let mut deploys = Deploys::default();
    assert_eq!(told_of(&mut deploys, &[facts(9, v(3), &[]), facts(4, v(2), &[])]), Vec::<String>::new());
    assert_eq!(told_of(&mut deploys, &[facts(10, v(4), &[])]).len(), 1);
}

#[test]
fn services_programs_and_environments_are_told_apart() {
    let mut deploys = Deploys::default();
    let worker = ProgramBuild { package: Some("example.com/shop/cmd/worker".to_owned()), ..v(3) };
    let began = [
        facts(1, v(2), &[]),
        facts(2, worker, &[]),
        facts(3, v(3), &[("deployment.environment.name", "staging")]),
        facts(4, v(3), &[("k8s.namespace.name", "blue")]),
    ];
    assert_eq!(told_of(&mut deploys, &began), Vec::<String>::new());
}

#[test]
fn a_new_agent_goes_on_and_marks_nothing_twice() {
    let (old, new) = (facts(1, v(2), &[]), facts(3, v(3), &[("service.version", "2026-05")]));
    let restarted = |boot: &str| {
        let mut deploys = Deploys::default();
        [&old, &new].iter().for_each(|one| deploys.learn(&stored(one, boot), BOOT));
        deploys
    };
    let mut deploys = restarted(BOOT);
    let replicas = [facts(4, v(3), &[]), facts(2, v(2), &[])];
    assert_eq!(told_of(&mut deploys, &[old.clone(), new.clone()]), Vec::<String>::new());
    assert_eq!(told_of(&mut deploys, &replicas), Vec::<String>::new());
    // What was deployed while there was no agent, or before the machine was started again, is told by the next one.
    for boot in [BOOT, "an earlier boot"] {
        let text = told_of(&mut restarted(boot), &[facts(5, v(4), &[])]);
        assert_eq!(text, ["shop: v1.4.0 (4abcdef01234) after 2026-05 (3abcdef01234)"], "{boot}");
    }
}

#[test]
fn what_is_not_known_of_a_build_is_not_said() {
    let text = |before: ProgramBuild, now: ProgramBuild| {
        told_of(&mut Deploys::default(), &[facts(1, before, &[]), facts(2, now, &[])])
    };
    assert_eq!(
        text(build("", "", "a/b"), build("", "", "a/cdefghijkl")),
        ["shop: build cdefghij after build b"]
    );
    assert_eq!(
        text(build("v1", "r", "a/b"), build("v1", "r", "a/c")),
        ["shop: v1 (r, build c) after v1 (r, build b)"],
    );
    assert_eq!(text(build("v1", "", ""), build("v2", "", "")), ["shop: v2 after v1"]);
    assert_eq!(text(build("v1", "", ""), build("", "r", "")), Vec::<String>::new());
    let dirty = ProgramBuild { modified: true, ..build("", "r", "") };
    assert_eq!(text(build("", "r", ""), dirty), ["shop: r+changes after r"]);
}

#[test]
fn the_environment_of_a_process_cannot_say_which_build_it_is() {
    let liar = facts(1, build("v1", "", ""), &[(BUILD_ID, "x"), (REVISION, "y"), (MODIFIED, "true")]);
    let known = build_of(&stored(&liar, BOOT).info);
    assert_eq!((known.id, known.revision, known.modified), (None, None, false));
    let true_one = facts(2, v(7), &[(BUILD_ID, "x")]);
    assert_eq!(build_of(&stored(&true_one, BOOT).info), v(7));
}

#[test]
fn services_without_end_are_bounded() {
    let mut deploys = Deploys::default();
    let count = u64::try_from(SERVICES_MAX).unwrap() + 5;
    for number in 0..count {
        let facts = facts(number, v(1), &[("k8s.namespace.name", &number.to_string())]);
        deploys.began(&key(&facts), &facts);
        deploys.ended(&key(&facts));
    }
    assert_eq!((deploys.latest.len(), deploys.living.len()), (SERVICES_MAX, 0));
}
