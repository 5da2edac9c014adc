//! Which sink is told of what, and how often.

use alerting::{AlertingError, Delivery, Event, Notice, Severity, SinkSettings, SinkType};

use crate::server::{Answer, LONG, Server, fired, fired_and_resolved, settings, sink};

const OK: Answer = Answer::Say(200, "", "{}");

#[test]
fn a_sink_is_told_of_what_is_severe_enough_for_it() {
    let server = Server::start(vec![OK]);
    let critical = SinkSettings { min_severity: Severity::Critical, ..sink("on-call", &server.url()) };
    let mut delivery = Delivery::start(&settings(vec![critical], None)).unwrap();
    let warning = fired("a");
    delivery.hand_over(0, std::slice::from_ref(&warning), std::slice::from_ref(&warning.alert));
    let mut worse = fired_and_resolved("a", Severity::Critical);
    worse[0].event = Event::Escalated { from: Severity::Warning };
    delivery.hand_over(0, &worse, &[]);
    assert!(delivery.wait_until_empty(LONG));
    let events: Vec<_> = server.rest().into_iter().map(|request| request.body["event"].clone()).collect();
    assert_eq!(events, ["fired", "resolved"], "what escalates is new to it");
}

#[test]
fn reminders_come_only_where_they_are_wanted() {
    let (quiet, reminded) = (Server::start(vec![OK]), Server::start(vec![OK]));
    let sinks = vec![
        sink("quiet", &quiet.url()),
        SinkSettings { repeat_s: Some(60), ..sink("reminded", &reminded.url()) },
    ];
    let mut delivery = Delivery::start(&settings(sinks, None)).unwrap();
    let notice = fired("a");
    let firing = std::slice::from_ref(&notice.alert);
    delivery.hand_over(notice.at_unix_ms, std::slice::from_ref(&notice), firing);
    assert!(delivery.wait_until_empty(LONG));
    for ten_seconds in 1..=13 {
        delivery.hand_over(notice.at_unix_ms + ten_seconds * 10_000, &[], firing);
        assert!(delivery.wait_until_empty(LONG));
    }
    let events = |server: &Server| -> Vec<String> {
        server.rest().iter().map(|request| request.body["event"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(events(&quiet), ["fired"]);
    assert_eq!(events(&reminded), ["fired", "reminder", "reminder"]);
}

#[test]
fn a_reminder_that_fails_is_not_tried_again_and_not_kept() {
    let server = Server::start(vec![OK, Answer::Say(503, "", ""), OK]);
    let reminded = SinkSettings { repeat_s: Some(60), ..sink("team", &server.url()) };
    let mut delivery = Delivery::start(&settings(vec![reminded], None)).unwrap();
    let notice = fired("a");
    let firing = std::slice::from_ref(&notice.alert);
    delivery.hand_over(notice.at_unix_ms, std::slice::from_ref(&notice), firing);
    assert!(delivery.wait_until_empty(LONG));
    delivery.hand_over(notice.at_unix_ms + 60_000, &[], firing);
    assert!(delivery.wait_until_empty(LONG));
    let counters = delivery.counters().remove(0);
    assert_eq!((counters.sent, counters.retried, counters.failed, counters.queue), (1, 0, 0, 0));
    assert!(counters.last_error.unwrap().contains("503"));
    let end = Notice { event: Event::Resolved, ..notice };
    delivery.hand_over(end.at_unix_ms + 70_000, &[end], &[]);
    assert!(delivery.wait_until_empty(LONG));
    assert_eq!(delivery.counters()[0].sent, 2);
}

#[test]
fn settings_that_cannot_work_are_named() {
    let refused = |change: fn(&mut SinkSettings)| {
        let mut sink = sink("team", "http://127.0.0.1:9/");
        change(&mut sink);
        settings(vec![sink], None).check().unwrap_err().to_string()
    };
    for (change, said) in [
        ((|sink| sink.name = "../etc".to_owned()) as fn(&mut SinkSettings), "its name"),
        (|sink| sink.sink_type = SinkType::Slack, "url_file or url_env instead of url"),
        (|sink| sink.url = None, "type webhook needs url"),
        (|sink| sink.url_env = Some("X".to_owned()), "one of url, url_file and url_env"),
        (|sink| sink.sink_type = SinkType::Pagerduty, "routing key"),
        (
            |sink| {
                sink.sink_type = SinkType::Alertmanager;
                sink.secret_env = Some("X".to_owned());
            },
            "no use for a secret",
        ),
        (|sink| sink.timeout_ms = 0, "more than 0"),
        (
            |sink| {
                sink.labels.insert("a-b".to_owned(), String::new());
            },
            "names of labels",
        ),
    ] {
        let error = refused(change);
        assert!(error.contains(said), "{error}");
    }
    let twice = settings(vec![sink("a", "http://h/"), sink("a", "http://h/")], None);
    assert!(matches!(twice.check(), Err(AlertingError::SameName { .. })));
}
