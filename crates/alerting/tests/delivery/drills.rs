//! Drills: somebody waits for the outcome, at each sink.

use alerting::{AlertingError, SinkType, drill};

use crate::server::{Answer, Server, chat, settings, sink};

#[test]
fn a_drill_says_at_which_sinks_it_arrived() {
    let directory = tempfile::tempdir().unwrap();
    let good = Server::start(vec![Answer::Say(200, "", "{}")]);
    let lying = Server::start(vec![Answer::Say(200, "", r#"{"errcode":40058,"errmsg":"invalid"}"#)]);
    // A port below 1024 that nobody listens at: no other test can be given it meanwhile.
    let nobody = "127.0.0.1:1";
    let sinks = vec![
        sink("good", &good.url()),
        chat(SinkType::Wecom, &lying.url(), directory.path()),
        sink("down", &format!("http://{nobody}/")),
    ];
    let settings = settings(sinks, None);
    let reports = drill(&settings, None).unwrap();
    let said: Vec<(&str, Option<&str>)> =
        reports.iter().map(|report| (report.sink.as_str(), report.error.as_deref())).collect();
    assert_eq!(said[0], ("good", None));
    assert!(said[1].0 == "wecom" && said[1].1.unwrap().contains("40058"), "{said:?}");
    assert!(said[2].0 == "down" && said[2].1.unwrap().starts_with("fired: "), "{said:?}");
    let (fired, resolved) = (good.request().body, good.request().body);
    assert_eq!((&fired["event"], &resolved["event"]), (&"fired".into(), &"resolved".into()));
    assert!(
        fired["alert"]["is_test"] == true && fired["alert"]["sentence"].as_str().unwrap().contains("test")
    );
    let shown = lying.request().body["markdown"]["content"].as_str().unwrap().to_owned();
    assert!(shown.contains("TEST ALERT, nothing is wrong"), "{shown}");

    assert_eq!(drill(&settings, Some("good")).unwrap().len(), 1);
    assert!(matches!(drill(&settings, Some("nobody")), Err(AlertingError::NoSuchSink { .. })));
}
