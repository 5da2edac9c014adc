//! What goroutines are doing by `gostat dump`, against what the program says of them.

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::{Value, json};
use target_programs::{Program, Running};

use crate::gostat::{dump, dump_json, for_each};

/// A line of the program's answer.
struct Expected<'a> {
    meaning: &'a str,
    owner: &'a str,
    route: Option<&'a str>,
    pool: Option<&'a str>,
    reason: Option<&'a str>,
    functions: Vec<&'a str>,
}

impl<'a> Expected<'a> {
    fn new(line: &'a str) -> Self {
        let fields: Vec<&str> = line.split('\t').collect();
        let known = |at: usize| Some(fields[at]).filter(|field| *field != "-");
        Expected {
            meaning: fields[0],
            owner: fields[1],
            route: known(2),
            pool: known(3),
            reason: known(4),
            functions: fields[5..].to_vec(),
        }
    }

    fn is_about(&self, goroutine: &Value) -> bool {
        let stack = goroutine["stack"].as_array().unwrap();
        self.reason.is_none_or(|reason| goroutine["wait_reason"] == reason)
            && self.functions.iter().all(|function| stack.iter().any(|frame| frame["function"] == *function))
    }
}

fn run(arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_gostat")).args(arguments).output().unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

fn groups(pid: u32, arguments: &[&str]) -> Vec<Value> {
    let document: Value = serde_json::from_slice(&dump(pid, arguments)).unwrap();
    document["groups"].as_array().unwrap().clone()
}

/// The group in which somebody has a function on the stack.
fn group_of<'a>(groups: &'a [Value], function: &str) -> &'a Value {
    let has =
        |group: &&Value| group["stack"].as_array().unwrap().iter().any(|frame| frame["function"] == function);
    groups.iter().find(has).unwrap_or_else(|| panic!("no group with {function}"))
}

#[test]
fn every_goroutine_does_what_the_program_says() {
    for_each(&[Program::Meanings], |build, built| {
        let mut running = Running::start(built, &[]).unwrap();
        let truth = running.ask_text("meanings").unwrap();
        let dump = dump_json(running.pid());
        let all = dump["goroutines"].as_array().unwrap();
        let mut wrong = Vec::new();
        for line in truth.lines() {
            let expected = Expected::new(line);
            let found: Vec<&Value> = all.iter().filter(|goroutine| expected.is_about(goroutine)).collect();
            assert!(!found.is_empty(), "{build}: nobody is as in {line:?}");
            for goroutine in found {
                let said = ["meaning", "owner", "route", "pool"].map(|key| goroutine[key].as_str());
                let want = [Some(expected.meaning), Some(expected.owner), expected.route, expected.pool];
                if said != want {
                    wrong.push(format!("{:?}: said {said:?}, is {want:?}", expected.functions));
                }
            }
        }
        assert!(wrong.is_empty(), "{build}:\n{}", wrong.join("\n"));
        for goroutine in all.iter().filter(|goroutine| goroutine["is_runtime"] == true) {
            let meaning = goroutine["meaning"].as_str();
            assert!(matches!(meaning, Some("RUNTIME" | "GC_WORKER")), "{build}: {goroutine}");
        }
        let unknown: Vec<&Value> = all.iter().filter(|goroutine| goroutine["meaning"].is_null()).collect();
        assert!(unknown.is_empty(), "{build}: {unknown:?}");
    });
}

#[test]
fn groups_say_what_is_common_and_stacks_are_known_again_in_other_builds() {
    let mut fingerprints: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for_each(&[Program::Meanings], |build, built| {
        let running = Running::start(built, &[]).unwrap();
        let groups_now = groups(running.pid(), &["--group", "--json"]);
        let senders = group_of(&groups_now, "main.sender");
        assert_eq!((&senders["count"], &senders["meaning"]), (&json!(3), &json!("CHANNEL_SEND")), "{build}");
        assert_eq!(senders["objects"], json!({"channel_send": 1}), "{build}");
        let object = &senders["object"];
        assert_eq!((&object["kind"], &object["direction"]), (&json!("channel"), &json!("send")), "{build}");
        let idle = groups_now.iter().find(|group| group["meaning"] == "HTTP_SERVER_IDLE").unwrap();
        assert!(idle["healthy"].is_string() && idle["risk"] == "low", "{build}: {idle}");
        let acquire = group_of(&groups_now, "main.acquire");
        assert_eq!((&acquire["risk"], &acquire["healthy"]), (&json!("high"), &Value::Null), "{build}");

        let text = String::from_utf8(dump(running.pid(), &["--group"])).unwrap();
        let address = object["address"].as_str().unwrap();
        assert!(
            text.contains(&format!("on one channel {address}, cap 0, len 0, 3 senders\n")),
            "{build}: {text}"
        );
        assert!(
            text.contains("    DB_ACQUIRE: waits for a free connection of a database pool; owner main"),
            "{build}"
        );
        assert!(text.contains("    healthy: idle keep-alive connections wait"), "{build}");
        let similar = groups(running.pid(), &["--similar", "--json"]);
        let total =
            |groups: &[Value]| groups.iter().map(|group| group["count"].as_u64().unwrap()).sum::<u64>();
        assert_eq!(total(&similar), total(&groups_now), "{build}");
        for function in ["main.sender", "main.selects", "main.labelled", "main.groupMember", "main.pipeRead"]
        {
            let fingerprint = group_of(&groups_now, function)["fingerprint"].as_str().unwrap().to_owned();
            fingerprints.entry(function).or_default().push(fingerprint);
        }
    });
    for (function, mut of_builds) in fingerprints {
        of_builds.dedup();
        // Not so where the standard library has changed in between, as for locks and in database/sql.
        assert_eq!(of_builds.len(), 1, "{function}: {of_builds:?}");
    }
}

#[test]
fn filters_and_rules_of_the_user() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("rules.toml");
    let path = file.to_str().unwrap();
    for_each(&[Program::Meanings], |build, built| {
        let running = Running::start(built, &[]).unwrap();
        let pid = running.pid().to_string();
        let filtered = |filter: &str| groups(running.pid(), &["--group", "--json", "--filter", filter]).len();
        assert_eq!(filtered("meaning=DB_ACQUIRE and owner=main"), 1, "{build}");
        assert_eq!(filtered("route='POST /report'"), 1, "{build}");
        assert_eq!(filtered("meaning=NOTHING"), 0, "{build}");

        let rule =
            "[[rule]]\nname = \"OURS\"\ntitle = \"sends for us\"\nrisk = \"high\"\nadvice = \"Ask.\"\n";
        std::fs::write(&file, format!("{rule}functions = [\"main.sender\"]\n")).unwrap();
        let ours = groups(running.pid(), &["--group", "--json", "--rules", path, "--filter", "meaning=OURS"]);
        assert_eq!((ours.len(), &ours[0]["title"]), (1, &json!("sends for us")), "{build}");

        std::fs::write(&file, format!("{rule}funktion = [\"main.sender\"]\n")).unwrap();
        let (status, message) = run(&["dump", &pid, "--rules", path]);
        assert_eq!(status, Some(2), "{build}");
        assert!(
            message.contains(&format!("{path}, rule 1 (OURS): unknown key `funktion`")),
            "{build}: {message}"
        );
        assert!(message.contains("\nhint: keys are name, title"), "{build}: {message}");
        let (status, message) = run(&["dump", &pid, "--rules", "/does/not/exist"]);
        assert_eq!(status, Some(2), "{build}");
        assert!(
            message.contains("cannot read the rules in /does/not/exist: No such file"),
            "{build}: {message}"
        );
    });
}
