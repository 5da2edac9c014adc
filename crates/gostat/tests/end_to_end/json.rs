//! `gostat dump --json` against what the programs' sources say: labels, wait objects, parents, whole stacks.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use target_programs::{Build, Program, Running};

use crate::gostat::{dump_json, for_each};

/// The goroutines that have a function on their stack, as JSON objects.
struct Goroutines<'a> {
    build: &'a Build,
    all: &'a [Value],
}

impl Goroutines<'_> {
    fn with(&self, function: &str) -> Vec<&Value> {
        let on_stack =
            |goroutine: &&Value| stack(goroutine).iter().any(|frame| frame["function"] == function);
        self.all.iter().filter(on_stack).collect()
    }

    fn only(&self, function: &str) -> &Value {
        let found = self.with(function);
        assert_eq!(found.len(), 1, "{}: {function}", self.build);
        found[0]
    }
}

fn stack(goroutine: &Value) -> &[Value] {
    goroutine["stack"].as_array().unwrap()
}

/// Dumps a program in every way that it is built.
fn check(program: Program, check: impl Fn(&Goroutines<'_>)) {
    for_each(&[program], |build, built| {
        let running = Running::start(built, &[]).unwrap();
        let dump = dump_json(running.pid());
        let gaps = dump["gaps"].as_array().unwrap();
        let unread: Vec<&Value> = gaps.iter().filter(|gap| gap["cause"] != "not_recorded").collect();
        assert!(unread.is_empty(), "{build}: {unread:?}");
        assert_eq!(dump["target"]["go_version"], format!("go{}", build.release), "{build}");
        let all = dump["goroutines"].as_array().unwrap();
        for goroutine in all {
            assert_eq!(goroutine["stack_complete"], true, "{build}: {goroutine}");
        }
        check(&Goroutines { build, all });
    });
}

#[test]
fn labels_are_those_of_the_source() {
    check(Program::States, |goroutines| {
        let twelve: BTreeMap<String, String> =
            ('a'..='l').zip(1..).map(|(key, value)| (key.to_string(), value.to_string())).collect();
        let expected = [
            ("main.labelled", json!({"queue": "mail", "shard": "7"})),
            ("main.manyLabels", json!(twelve)),
            ("main.inheritedLabels", json!({"inherited": "yes"})),
            ("main.nestedLabels", json!({"outer": "1", "inner": "2", "both": "inner"})),
            (
                "main.strangeLabels",
                json!({"": "empty key", "empty value": "", "quote \" and ü": "new\nline, {}"}),
            ),
            ("main.removedLabels", json!({})),
            ("main.chanReceive", json!({})),
        ];
        for (function, labels) in expected {
            assert_eq!(goroutines.only(function)["labels"], labels, "{}: {function}", goroutines.build);
        }
    });
}

#[test]
fn wait_objects_are_those_of_the_source() {
    check(Program::States, |goroutines| {
        let build = goroutines.build;
        let objects = |function: &str| goroutines.only(function)["waiting_on"].as_array().unwrap();
        let only = |function: &str| {
            assert_eq!(objects(function).len(), 1, "{build}: {function}: {:?}", objects(function));
            &objects(function)[0]
        };
        let channel = |function: &str, direction: &str, len: u64, cap: u64| {
            let object = only(function);
            assert_eq!(
                (&object["kind"], &object["direction"], &object["len"], &object["cap"]),
                (&json!("channel"), &json!(direction), &json!(len), &json!(cap)),
                "{build}: {function}: {object}"
            );
            assert_ne!(object["address"], "0x0", "{build}: {function}");
        };
        channel("main.chanReceive", "receive", 0, 0);
        channel("main.chanReceiveBuffered", "receive", 0, 4);
        channel("main.chanSend", "send", 0, 0);
        channel("main.chanSendBuffered", "send", 2, 2);
        channel("main.(*queue[...]).put", "send", 0, 0);
        assert_eq!(objects("main.selectCases").len(), 2, "{build}: the nil case is nothing to wait on");
        assert_eq!(objects("main.selectTimer").len(), 2, "{build}");
        for function in ["main.selectNoCases", "main.selectNilCases"] {
            assert_eq!(only(function)["kind"], "empty_select", "{build}: {function}");
        }
        assert_eq!(only("main.rwMutexRead")["kind"], "rwmutex", "{build}");
        assert_eq!(only("main.waitGroupWait")["kind"], "waitgroup", "{build}");
        assert_eq!(only("main.waitGroupWait")["counter"], 3, "{build}");
        let locks = goroutines.with("main.mutexLock");
        assert_eq!(locks.len(), 2, "{build}");
        assert_eq!(locks[0]["waiting_on"][0]["address"], locks[1]["waiting_on"][0]["address"], "{build}");
        assert_eq!(locks[0]["waiting_on"][0]["waiters"], 2, "{build}");
    });
}

#[test]
fn parents_threads_and_whole_stacks() {
    check(Program::States, |goroutines| {
        let build = goroutines.build;
        let orphan = goroutines.only("main.orphan");
        assert_eq!(orphan["created_by"]["function"], "main.orphanMaker", "{build}");
        if build.release.minor >= 21 {
            // Its parent has ended: the id names nobody any more.
            let parent = &orphan["parent_id"];
            assert!(parent.is_u64(), "{build}: {orphan}");
            assert!(goroutines.all.iter().all(|goroutine| goroutine["id"] != *parent), "{build}");
        } else {
            assert!(orphan["parent_id"].is_null(), "{build}: {orphan}");
        }
        for function in ["main.lockedToThread", "main.lockedInSelect", "main.main"] {
            assert_eq!(goroutines.only(function)["locked_to_thread"], true, "{build}: {function}");
        }
        assert_eq!(goroutines.only("main.chanReceive")["locked_to_thread"], false, "{build}");
        // What a dump of the runtime leaves out of a long stack is here: depth 10,000 down to 0.
        let deep = stack(goroutines.only("main.deep"));
        let frames = deep.iter().filter(|frame| frame["function"] == "main.deep").count();
        assert_eq!(frames, 10_001, "{build}");
        let thread = &goroutines.only("main.syscallRead")["tid"];
        assert!(thread.is_u64(), "{build}: {thread}");
    });
}
