//! Questions without an answer: each is told why, and what to do.

use crate::remembering::{Remembering, history};

#[track_caller]
fn refused(output: &std::process::Output, wanted: &[&str]) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(output.stdout.is_empty() && said.lines().count() == 2, "{said}");
    for words in wanted {
        assert!(said.contains(words), "{words}: {said}");
    }
}

#[test]
fn a_file_that_is_missing_or_no_history() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("none.sqlite");
    refused(&history(&file, &[]), &["there is no history", "gostat agent", "--history"]);
    assert!(!file.exists(), "asking makes no file");
    std::fs::write(&file, b"not a database at all, whatever else it may be").unwrap();
    let said = history(&file, &["api"]);
    assert_eq!(said.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&said.stderr).contains("none.sqlite"), "{said:?}");
}

#[test]
fn targets_times_and_words_that_make_no_sense() {
    let agent = Remembering::start();
    refused(
        &history(&agent.file(), &["nobody-is-called-so"]),
        &["nobody-is-called-so", "gostat history lists"],
    );
    refused(&history(&agent.file(), &["x", "--since", "1h", "--until", "2h"]), &["ends before", "later"]);
    for usage in
        [&["x", "--by", "stacks"][..], &["x", "--since", "soon"], &["x", "--step", "0"], &["--by", "stack"]]
    {
        assert_eq!(history(&agent.file(), usage).status.code(), Some(64), "{usage:?}");
    }
    for (path, status, words) in [
        ("/api/v1/history?target=nobody-is-called-so", 404, "nobody-is-called-so"),
        ("/api/v1/history?target=x&by=stacks", 400, "by=stacks"),
        ("/api/v1/history?target=x&since=soon", 400, "since=soon"),
        ("/api/v1/history?target=x&top=201", 400, "top=201"),
        ("/api/v1/history?target=x&since=1h&until=2h", 400, "ends before"),
    ] {
        let (answered, answer) = agent.get(path);
        assert_eq!(answered, status, "{path}: {answer}");
        assert!(answer["error"].as_str().unwrap().contains(words), "{path}: {answer}");
    }
    // Also where the configuration says where it is.
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_gostat"))
        .args(["history", "--json", "--config"])
        .arg(agent.config())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
}
