//! A disk that is full: the agent goes on looking and says so, and writes what waited when there is space.

use std::io::Write as _;

use serde_json::Value;
use target_programs::{Build, Program, Running, Variant, releases};

use crate::remembering::Remembering;

#[path = "../../../history-store/tests/small_file_system/mod.rs"]
mod small_file_system;

#[test]
fn while_the_disk_is_full_looks_go_on_and_wait() {
    let build = Build::amd64(Program::Many, *releases().unwrap().last().unwrap(), Variant::Stripped);
    let Some(built) = build.build_or_skip().unwrap() else { return };
    let disk = match small_file_system::SmallFileSystem::mount(8) {
        Ok(disk) => disk,
        Err(error) => {
            let said = "SKIPPED: a full disk needs the right to mount one";
            return writeln!(std::io::stderr(), "{said}: {error}").unwrap();
        }
    };
    let running = Running::start(&built, &["30"]).unwrap();
    let agent = Remembering::start_with(tempfile::tempdir().unwrap(), disk.path("state"));
    let pid = running.pid().to_string();
    agent.wait_until(&format!("/api/v1/history?target={pid}"), |answer| answer["processes"].is_array());
    let mut ballast = std::fs::File::create(disk.path("ballast")).unwrap();
    while ballast.write_all(&[1; 4096]).is_ok() {}
    drop(ballast);
    let problems = |health: &Value| health["problems"].to_string();
    let is_full = |health: &Value| problems(health).contains("no space left");
    let health = agent.wait_until("/readyz", is_full);
    assert!(problems(&health).contains("looks wait to be written"), "{health}");
    assert_eq!(health["ready"], true, "it watches all the same: {health}");
    let waiting = || agent.metric("gostat_agent_queue_length{queue=\"history\"}");
    let before = waiting();
    let looked = |targets: &Value| {
        let of_it = targets["targets"].as_array().unwrap().iter().find(|one| one["pid"] == running.pid());
        of_it.and_then(|target| target["looks"].as_u64())
    };
    let path = "/api/v1/targets";
    let looks = looked(&agent.wait_until(path, |targets| looked(targets).is_some())).unwrap();
    agent.wait_until(path, |targets| looked(targets) > Some(looks + 3));
    assert!(waiting() > before, "what is seen meanwhile waits");

    std::fs::remove_file(disk.path("ballast")).unwrap();
    agent.wait_until("/readyz", |health| health["problems"].as_array().unwrap().is_empty());
    let count =
        |outcome: &str| agent.metric(&format!("gostat_agent_history_looks_total{{outcome=\"{outcome}\"}}"));
    assert!(count("written") > looks);
    assert_eq!(count("left_out"), 0, "nothing was lost");
}
