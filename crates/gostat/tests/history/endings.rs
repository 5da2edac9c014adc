//! How the record of a process ends, and when it goes on.

use serde_json::Value;
use target_programs::{Build, Program, Running, Variant, releases};

use crate::remembering::Remembering;
use crate::schema::valid;

fn start(program: Program, arguments: &[&str]) -> Option<Running> {
    let build = Build::amd64(program, *releases().unwrap().last().unwrap(), Variant::Stripped);
    let built = build.build_or_skip().unwrap()?;
    Some(Running::start_with(&built, arguments, &[("OTEL_SERVICE_NAME", "turns")]).unwrap())
}

fn processes(answer: &Value) -> Vec<&Value> {
    answer["processes"].as_array().unwrap().iter().collect()
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or("null")
}

#[test]
fn who_executes_another_program_is_told_as_one_after_the_other() {
    let Some(running) = start(Program::Executes, &["2s"]) else { return };
    let agent = Remembering::start();
    let pid = running.pid().to_string();
    agent.wait_until(&format!("/api/v1/history?target={pid}"), |answer| processes(answer).len() >= 3);
    drop(running);
    let is_over = |answer: &Value| text(processes(answer).last().unwrap(), "ended") == "exited";
    let answer = agent.wait_until(&format!("/api/v1/history?target={pid}"), is_over);
    valid(None, &answer);
    let told = processes(&answer);
    let first = text(told[0], "id").to_owned();
    for (number, process) in told.iter().enumerate() {
        let is_last = number + 1 == told.len();
        let id = if number == 0 { first.clone() } else { format!("{first}.{number}") };
        assert_eq!(text(process, "id"), id);
        assert_eq!(text(process, "ended"), if is_last { "exited" } else { "executed" });
        let next = told.get(number + 1).map(|next| next["first_seen_ms"].as_u64());
        assert!(next.is_none_or(|next| next >= process["first_seen_ms"].as_u64()), "{answer:#}");
        // Each by its own id.
        let one = agent.history(&[&id]);
        assert_eq!(processes(&one), [*process]);
    }
    let marks = agent.history(&[&pid, "--marks"]);
    let marks = marks["marks"].as_array().unwrap().iter().filter(|mark| mark["kind"] == "exec");
    let of: Vec<&str> = marks.map(|mark| text(mark, "process")).collect();
    let executed: Vec<&str> = told[..told.len() - 1].iter().map(|process| text(process, "id")).collect();
    assert_eq!(of, executed);
    for name in [text(told[0], "name"), "turns"] {
        let named = agent.history(&[name]);
        let of_it: Vec<&Value> =
            processes(&named).into_iter().filter(|process| process["pid"] == told[0]["pid"]).collect();
        assert_eq!(of_it, told, "{name}");
    }
    let shown = agent.text(&[&pid]);
    assert!(shown.contains("executed another program") && shown.contains(&format!("{first}.1")), "{shown}");
}

#[test]
fn a_record_says_why_it_ends_and_goes_on_with_the_process() {
    let Some(running) = start(Program::Many, &["20"]) else { return };
    let mut agent = Remembering::start();
    let path = format!("/api/v1/history?target={}", running.pid());
    let ended = |agent: &Remembering, wanted: &str| {
        let answer = agent.wait_until(&path, |answer| text(&answer["processes"][0], "ended") == wanted);
        valid(None, &answer);
        text(&answer["processes"][0], "id").to_owned()
    };
    let kinds = |agent: &Remembering| {
        let listed = agent.history(&["--marks"]);
        valid(Some("process_list"), &listed);
        let marks = listed["marks"].as_array().unwrap().iter();
        // Other programs come and go meanwhile.
        marks
            .map(|mark| text(mark, "kind").to_owned())
            .filter(|kind| kind.starts_with("agent_"))
            .collect::<Vec<_>>()
    };
    let id = ended(&agent, "null");
    agent.switch("disable", &id);
    assert_eq!(ended(&agent, "not_watched"), id);
    agent.switch("enable", &id);
    assert_eq!(ended(&agent, "null"), id);

    agent.stop();
    let process = &agent.history(&[&id])["processes"][0];
    assert_eq!(text(process, "ended"), "agent_stopped");
    assert_eq!(kinds(&agent), ["agent_start", "agent_stop"]);
    agent.start_again();
    assert_eq!(ended(&agent, "null"), id, "the same process: it is watched again");

    // As it was when the machine of an agent is switched off: the next one says so.
    agent.kill();
    assert_eq!(text(&agent.history(&[&id])["processes"][0], "ended"), "null", "nobody knows yet");
    drop(running);
    agent.start_again();
    assert_eq!(ended(&agent, "agent_killed"), id);
    assert_eq!(kinds(&agent), ["agent_start", "agent_stop", "agent_start", "agent_start"]);
    assert!(agent.text(&[]).contains("agent killed"));
}
