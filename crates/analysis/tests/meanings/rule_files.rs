//! Rule files of users: what they can say, and what they are told when they are wrong.

use analysis::{Meanings, Risk, Rules};

use crate::process;

const ENDS: &str = "title = \"is ours\"\nrisk = \"high\"\nadvice = \"Ask us.\"\n";

fn mistake(text: &str) -> (String, String) {
    let error = Rules::with_user("my.toml", text).unwrap_err();
    (error.to_string(), error.hint())
}

#[test]
fn a_users_rule_comes_first_and_ours_stay() {
    let text = format!(
        "[[rule]]\nname = \"QUEUE_GET\"\nfunctions = [\"main.(*queue[...]).get\"]\nreasons = [\"chan *\"]\n{ENDS}"
    );
    let rules = Rules::with_user("my.toml", &text).unwrap();
    let process = process::server();
    let meanings = Meanings::new(&rules, &process.0);
    let names: Vec<String> = process
        .0
        .goroutines
        .iter()
        .map(|goroutine| meanings.of(goroutine).name().unwrap_or("-").to_owned())
        .collect();
    assert_eq!(names, ["NET_READ", "QUEUE_GET", "QUEUE_GET", "QUEUE_GET", "MUTEX", "RUNNING", "GC_WORKER"]);
    let understood = meanings.of(&process.0.goroutines[1]);
    assert_eq!(understood.rule.as_ref().map(|rule| rule.risk), Some(Risk::High));
    // What only goroutine 19 has is not said of the others: labels are a part of the situation.
    let text = "[labels]\nroute = [\"tenant\"]\n";
    let rules = Rules::with_user("my.toml", text).unwrap();
    let meanings = Meanings::new(&rules, &process.0);
    let routes: Vec<_> = process.0.goroutines.iter().map(|g| meanings.of(g).route.clone()).collect();
    assert_eq!(routes.iter().flatten().map(|route| &**route).collect::<Vec<_>>(), ["acme inc"]);
}

#[test]
fn every_mistake_is_named_with_its_place_and_what_to_do() {
    let rule = |lines: &str| format!("[[rule]]\nname = \"A\"\n{lines}\n{ENDS}");
    for (text, message, hint) in [
        ("[[rule]\n", "my.toml, line 1: ", "TOML"),
        ("[[rules]]\n", "my.toml: unknown key `rules`", "keys are rule, labels"),
        (
            &rule("funktions = [\"f\"]"),
            "my.toml, rule 1 (A): unknown key `funktions`",
            "functions, innermost",
        ),
        (&rule("functions = \"f\""), "rule 1 (A): `functions`: `f` is not a list", "write a list of texts"),
        (&rule("functions = [\"~(\"]"), "rule 1 (A): bad regular expression `(`: ", "leave the `~` out"),
        (&rule("reasons = [3]"), "`reasons`: `this array` is not a list of texts", "write a list"),
        (&rule("statuses = [\"blocked\"]"), "`statuses`: `blocked` is not a status", "waiting"),
        (&rule("waits_on = [\"channel\"]"), "`waits_on`: `channel` is not one of", "channel_receive"),
        (&rule("runtime = \"yes\""), "`runtime`: `yes` is not true or false", "write true"),
        (&rule(""), "rule 1 (A): the rule has no conditions", "add at least one"),
        (&rule("without = [\"f\"]"), "the rule has no conditions", "add at least one"),
        ("[[rule]]\nreasons = [\"x\"]\n", "my.toml, rule 1: `name` is missing", "add `name = …`"),
        (
            "[[rule]]\nname = \"A\"\ntitle = \"t\"\nreasons = [\"x\"]\nadvice = \"a\"\nrisk = \"huge\"\n",
            "rule 1 (A): `risk`: `huge` is not one of low, medium, high",
            "write one of",
        ),
        ("rpc_methods = [\"(\"]\n", "my.toml: bad regular expression `(`", "~"),
        ("[labels]\nroutes = [\"x\"]\n", "unknown key `routes`", "route, pool"),
        ("[[pool]]\nfunctions = [\"x\"]\n", "`name` is missing", "name"),
        ("rule = 3\n", "`rule`: `3` is not a list of tables", "[[rule]]"),
    ] {
        let (found, advice) = mistake(text);
        assert!(found.contains(message), "{text}\n{found}");
        assert!(advice.contains(hint), "{text}\n{advice}");
        assert!(!found.contains('\n'), "one line: {found}");
    }
    assert!(Rules::with_user("empty.toml", "").is_ok());
}
