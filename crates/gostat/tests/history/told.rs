//! A process from its first look to its end, as it is told afterwards.

use serde_json::Value;
use target_programs::{Build, Program, Running, Variant, releases};

use crate::remembering::Remembering;
use crate::schema::valid;

/// Numbers of goroutines in slots that have one.
fn counts(answer: &Value) -> Vec<u64> {
    let total = &answer["series"][0];
    assert_eq!(total["kind"], "goroutines", "{answer:#}");
    total["values"].as_array().unwrap().iter().filter_map(|value| value["last"].as_u64()).collect()
}

fn of_program(running: &mut Running) -> u64 {
    running.ask_text("goroutines").unwrap().lines().count() as u64
}

/// Where the kernel says how much memory the program's control group uses, so does the history.
fn has_figures_of_control_groups(agent: &Remembering, pid: u32) {
    let pid = pid.to_string();
    let groups = agent.history(&[&pid, "--by", "measure:cgroup_*"]);
    valid(None, &groups);
    let series = groups["series"].as_array().unwrap();
    let exported =
        agent.has_metric("gostat_cgroup_memory_bytes", groups["processes"][0]["id"].as_str().unwrap());
    let kept = series.iter().find(|series| series["name"] == "cgroup_memory_bytes");
    assert_eq!(exported, kept.is_some(), "{groups:#}");
    assert!(kept.is_none_or(|series| series["last"].as_i64() > Some(0)), "{groups:#}");
}

#[test]
fn a_process_is_told_from_its_first_look_to_its_end() {
    let build = Build::amd64(Program::Many, *releases().unwrap().last().unwrap(), Variant::Stripped);
    let Some(built) = build.build_or_skip().unwrap() else { return };
    let mut running = Running::start(&built, &["300"]).unwrap();
    let truth = of_program(&mut running);
    assert!(truth > 300, "{truth}");
    let mut agent = Remembering::start();
    let pid = running.pid().to_string();
    let path = format!("/api/v1/history?target={pid}");
    let looks = |answer: &Value| {
        answer["slots"].as_array().unwrap().iter().map(|slot| slot["looks"].as_u64().unwrap()).sum::<u64>()
    };
    agent.wait_until(&path, |answer| looks(answer) >= 5);

    // While the agent writes: the counts are those of the program, but for the goroutine that answers.
    let answer = agent.history(&[&pid]);
    let seen = counts(&answer);
    assert!(!seen.is_empty() && seen.iter().all(|count| count.abs_diff(truth) <= 1), "{truth} {seen:?}");
    assert_eq!(answer["processes"][0]["ended"], Value::Null, "{answer:#}");
    assert_eq!(answer["series"][1]["kind"], "runtime", "{answer:#}");

    let stacks = agent.history(&[&pid, "--by", "stack", "--top", "100"]);
    let of_workers =
        stacks["series"].as_array().unwrap().iter().filter(|series| series["name"] == "main.worker");
    let workers: Vec<u64> = of_workers.map(|series| series["last"].as_u64().unwrap()).collect();
    assert_eq!((workers.len(), workers.iter().sum::<u64>()), (20, 300), "20 shapes: {stacks:#}");

    let reasons = agent.history(&[&pid, "--by", "reason"]);
    let names: Vec<&Value> =
        reasons["series"].as_array().unwrap().iter().map(|series| &series["name"]).collect();
    assert!(names.iter().any(|name| *name == "chan receive"), "{names:?}");

    let then = agent.history(&[&pid, "--at", "now", "--top", "200"]);
    valid(Some("moment"), &then);
    for answer in [&answer, &stacks, &reasons] {
        valid(None, answer);
    }
    let figures = agent.history(&[&pid, "--by", "measure:sched_*", "--marks", "--findings"]);
    valid(None, &figures);
    let names: Vec<&str> =
        figures["series"].as_array().unwrap().iter().map(|series| series["name"].as_str().unwrap()).collect();
    assert!(
        names.contains(&"sched_processors") && names.iter().all(|name| name.starts_with("sched_")),
        "{names:?}"
    );
    has_figures_of_control_groups(&agent, running.pid());
    let groups = then["states"][0]["groups"].as_array().unwrap();
    let of_workers = groups.iter().filter(|group| group["name"] == "main.worker");
    assert_eq!(of_workers.map(|group| group["count"].as_u64().unwrap()).sum::<u64>(), 300, "{then:#}");
    assert!(agent.text(&[&pid, "--at", "now"]).contains("created by main.park"));

    drop(running);
    let ended = |answer: &Value| answer["processes"][0]["ended"].is_string();
    let by_api = agent.wait_until(&path, ended);
    valid(None, &by_api);
    // Nothing is written of it any more: both say the same.
    let by_command = agent.history(&[&pid]);
    for key in ["processes", "since_ms", "until_ms", "step_ms", "slots", "series", "gaps", "level", "by"] {
        assert_eq!(by_api[key], by_command[key], "{key}");
    }
    let (_, listed) = agent.get("/api/v1/processes");
    valid(Some("process_list"), &listed);
    let id = by_api["processes"][0]["id"].as_str().unwrap();
    let of_it = |process: &&Value| process["id"] == id;
    let process = listed["processes"].as_array().unwrap().iter().find(of_it).unwrap();
    assert!(process["goroutines"].as_u64().unwrap().abs_diff(truth) <= 1, "{process:#}");
    assert_eq!(process["ended"], "exited");

    // Without an agent, and found by its configuration.
    agent.kill();
    assert_eq!(counts(&agent.history(&[id])), counts(&by_command));
    let listed = agent.text(&["--marks"]);
    assert!(listed.contains(id) && listed.contains("exited") && listed.contains("agent_start"), "{listed}");
    let table = agent.text(&[id, "--by", "stack"]);
    assert!(table.contains("main.worker") && table.contains('@') && table.is_ascii(), "{table}");
    let table = agent.text(&[id]);
    assert!(table.contains("GOROUTINES") && table.contains(&format!(" {truth}")), "{table}");
}

#[test]
fn two_runs_of_a_name_are_added_up_and_a_time_without_looks_is_a_gap() {
    let build = Build::amd64(Program::Many, *releases().unwrap().last().unwrap(), Variant::Stripped);
    let Some(built) = build.build_or_skip().unwrap() else { return };
    let environment = [("OTEL_SERVICE_NAME", "shop")];
    let pair = [(); 2].map(|()| Running::start_with(&built, &["100"], &environment).unwrap());
    let agent = Remembering::start();
    let stacks = "/api/v1/history?target=shop&by=stack&top=200&step=1d";
    let workers = |answer: &Value| -> Option<u64> {
        let series = answer["series"].as_array().unwrap().iter();
        series.filter(|series| series["name"] == "main.worker").map(|series| series["last"].as_u64()).sum()
    };
    let answer = agent.wait_until(stacks, |answer| workers(answer) == Some(200));
    assert_eq!(answer["processes"].as_array().unwrap().len(), 2);
    assert_eq!(answer["series"][0]["max"], Value::Null, "of a sum that is not known");
    let one = format!("/api/v1/history?target={}&by=stack&top=200&step=1d", pair[0].pid());
    assert_eq!(workers(&agent.wait_until(&one, |_| true)), Some(100));

    // Nobody looks any more.
    for running in &pair {
        let id = agent.wait_until(&format!("/api/v1/history?target={}", running.pid()), |_| true);
        let id = id["processes"][0]["id"].as_str().unwrap().to_owned();
        agent.switch("disable", &id);
    }
    let narrow = format!("/api/v1/history?target={}&step=100ms", pair[0].pid());
    let answer = agent.wait_until(&narrow, |answer| {
        let last = answer["slots"].as_array().and_then(|slots| slots.last());
        last.is_some_and(|slot| slot["looks"] == 0)
            && answer["gaps"].as_array().is_some_and(|gaps| !gaps.is_empty())
    });
    let (slots, values) = (&answer["slots"], &answer["series"][0]["values"]);
    for (slot, value) in slots.as_array().unwrap().iter().zip(values.as_array().unwrap()) {
        assert_eq!(slot["looks"] == 0, value.is_null(), "{slot} {value}");
    }
    let table = agent.text(&[&pair[0].pid().to_string(), "--step", "100ms"]);
    assert!(table.contains("no looks for"), "{table}");
}
