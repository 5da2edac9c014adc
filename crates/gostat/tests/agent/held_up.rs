//! Queues that stand still among queues that move: only the former are told of.

use std::collections::BTreeMap;

use serde_json::Value;
use target_programs::{Build, NEWEST, Program, Running, Variant, releases};

use crate::running_agent::{PATIENCE, RunningAgent};
use crate::webhook::webhook;

/// Kinds of queues, and how many are in them: more than a hundred, but for the last.
const QUEUES: [(&str, &str); 7] = [
    ("lock-held", "140"),
    ("channel-full", "140"),
    ("lock-busy", "140"),
    ("channel-busy", "140"),
    ("workers", "400"),
    ("condition", "400"),
    ("lock-held", "100"),
];

#[test]
fn more_than_a_hundred_that_stand_still_are_critical_and_who_waits_in_turn_or_idles_is_not() {
    let oldest = *releases().unwrap().first().unwrap();
    let of = |program, release| Build::amd64(program, release, Variant::Stripped).build_or_skip().unwrap();
    let (Some(queues), Some(old), Some(healthy)) =
        (of(Program::Queues, NEWEST), of(Program::Queues, oldest), of(Program::Healthy, NEWEST))
    else {
        return;
    };
    let start = |built, arguments: &[&str], service: &str| {
        Running::start_with(built, arguments, &[("OTEL_SERVICE_NAME", service)]).unwrap()
    };
    let mut running: Vec<Running> = QUEUES
        .iter()
        .map(|(kind, count)| start(&queues, &[kind, count], &format!("{kind}-{count}")))
        .collect();
    // Before Go 1.20 the runtime calls all waits for locks the same.
    running.push(start(&old, &["lock-held", "140"], "old-lock-held-140"));
    running.push(start(&healthy, &[], "healthy"));
    let (url, received) = webhook();
    let names = "[[targets]]\nlabels = { \"service.name\" = \"*-1*0\" }\n\
        [[targets]]\nlabels = { \"service.name\" = \"*-400\" }\n\
        [[targets]]\nlabels = { \"service.name\" = \"healthy\" }\n";
    let agent = RunningAgent::start(&format!(
        "listen = \"127.0.0.1:0\"\ninterval = \"2s\"\nbudget = {{ cpu_percent = 50.0 }}\n\
         {names}[[targets]]\nname = \"*\"\ncollect = \"off\"\nleaks = false\n\
         [[alerts.sinks]]\nname = \"hook\"\ntype = \"webhook\"\nurl = \"{url}\"\n"
    ));
    let mut told = BTreeMap::new();
    while told.len() < 3 {
        let alert = received.recv_timeout(PATIENCE).unwrap()["alert"].clone();
        // Small groups of the healthy program do grow now and then, which is another matter.
        if alert["kind"] == "blocked" {
            told.insert(alert["service"].as_str().unwrap().to_owned(), alert);
        }
    }
    let services: Vec<&str> = told.keys().map(String::as_str).collect();
    assert_eq!(services, ["channel-full-140", "lock-held-140", "old-lock-held-140"]);
    for (service, alert) in &told {
        let text = alert.to_string();
        assert!(text.contains("\"blocked\"") && text.contains("\"critical\""), "{service}: {alert:#}");
        assert!(text.contains("main.queueFor") && text.contains("main.go"), "{service}: {alert:#}");
    }
    // Whoever is healthy has been looked at for as long.
    let answer = agent.json("/api/v1/findings");
    let blocked = |finding: &&Value| finding["kind"] == "blocked";
    let found: Vec<_> = answer["findings"].as_array().unwrap().iter().filter(blocked).collect();
    assert_eq!(found.len(), 3, "{found:#?}");
    let turns = |running: &mut Running| running.ask_text("turns").unwrap().parse::<u64>().unwrap();
    let before = turns(&mut running[2]);
    while turns(&mut running[2]) == before {}
}
