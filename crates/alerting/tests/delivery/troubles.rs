//! Sinks that are slow, down, or lie.

use std::time::{Duration, Instant};

use alerting::{Delivery, SinkSettings, SinkType};

use crate::server::{Answer, LONG, Server, chat, fired, settings, sink};

const OK: Answer = Answer::Say(200, "", "{}");

/// Sends one alert to a server that answers so, and gives what is counted once nothing waits.
fn counted(answers: Vec<Answer>, change: impl FnOnce(&mut SinkSettings)) -> (Server, alerting::SinkCounters) {
    let server = Server::start(answers);
    let mut sink = sink("team", &server.url());
    change(&mut sink);
    let mut delivery = Delivery::start(&settings(vec![sink], None)).unwrap();
    delivery.hand_over(0, &[fired("a")], &[]);
    assert!(delivery.wait_until_empty(LONG), "{:?}", delivery.counters());
    let counters = delivery.counters().remove(0);
    (server, counters)
}

#[test]
fn what_fails_is_tried_until_it_arrives() {
    let answers = vec![
        Answer::Say(500, "", "oops"),
        Answer::Close,
        Answer::Say(429, "Retry-After: 0\r\n", ""),
        Answer::Say(503, "", ""),
        Answer::CloseInTheMiddle,
        Answer::Say(401, "", "who are you"),
        Answer::Say(302, "Location: http://127.0.0.1:1/login\r\n", ""),
        OK,
    ];
    let tries = answers.len();
    let (server, counters) = counted(answers, |_| {});
    assert_eq!((counters.sent, counters.retried, counters.failed), (1, tries as u64 - 1, 0));
    assert!(counters.last_success_unix_ms.is_some());
    let requests = server.rest();
    assert_eq!(requests.len(), tries);
    let delivery =
        |n: usize| requests[n].headers.iter().find(|(name, _)| name == "x-gostat-delivery").unwrap();
    assert!((1..tries).all(|n| delivery(n) == delivery(0)), "receivers tell a repetition by it");
}

/// Of a POST a redirect makes a GET, which a login page answers with 200.
#[test]
fn nobody_is_sent_elsewhere() {
    let elsewhere = Server::start(vec![OK]);
    let location: &'static str = format!("Location: {}\r\n", elsewhere.url()).leak();
    let (server, counters) = counted(vec![Answer::Say(302, location, ""), OK], |_| {});
    assert_eq!((counters.sent, counters.retried), (1, 1));
    assert_eq!(counters.last_error.as_deref(), Some("it sends elsewhere (status 302)"));
    assert_eq!((server.rest().len(), elsewhere.rest().len()), (2, 0));
}

#[test]
fn who_asks_to_be_left_alone_is_left_alone() {
    let server = Server::start(vec![Answer::Say(429, "Retry-After: 3600\r\n", ""), OK]);
    let patient = SinkSettings { retry_max_ms: 3_600_000, ..sink("team", &server.url()) };
    let mut delivery = Delivery::start(&settings(vec![patient], None)).unwrap();
    delivery.hand_over(0, &[fired("a")], &[]);
    let deadline = Instant::now() + LONG;
    while delivery.counters()[0].retried == 0 {
        assert!(Instant::now() < deadline, "the answer arrives");
        std::thread::yield_now();
    }
    delivery.hand_over(0, &[fired("b")], &[]);
    assert_eq!(delivery.counters()[0].queue, 2);
    delivery.stop(LONG);
    assert_eq!(server.rest().len(), 1);
}

#[test]
fn what_is_refused_for_good_is_given_up_and_counted() {
    let (server, counters) = counted(vec![Answer::Say(400, "", "bad \u{1b}[2Jfield"), OK], |_| {});
    assert_eq!((counters.sent, counters.failed, counters.retried), (0, 1, 0));
    assert_eq!(counters.last_error.as_deref(), Some(r"status 400: bad \x1b[2Jfield"));
    assert_eq!(server.rest().len(), 1);
}

#[test]
fn a_message_that_is_too_old_is_given_up_after_one_more_try() {
    let (server, counters) = counted(vec![Answer::Say(500, "", "")], |sink| sink.give_up_after_s = 0);
    assert_eq!((counters.sent, counters.failed), (0, 1));
    assert_eq!(server.rest().len(), 1);
}

#[test]
fn nobody_keeps_a_try_for_longer_than_its_time() {
    for silent in [Answer::Silence, Answer::Endless] {
        let (_, counters) = counted(vec![silent.clone(), OK], |sink| sink.timeout_ms = 300);
        assert!(counters.sent == 1, "{silent:?} {counters:?}");
    }
    let (_, counters) = counted(vec![Answer::Silence, OK], |sink| sink.timeout_ms = 300);
    assert!(counters.last_error.unwrap().contains("no answer in time"));
}

#[test]
fn a_dead_or_silent_sink_delays_no_other() {
    let (silent, good) = (Server::start(vec![Answer::Silence]), Server::start(vec![OK]));
    // A port below 1024 that nobody listens at: no other test can be given it meanwhile.
    let nobody = "127.0.0.1:1";
    let sinks = vec![
        sink("silent", &silent.url()),
        sink("down", &format!("http://{nobody}/")),
        sink("nowhere", "http://gostat-test.invalid/"),
        sink("good", &good.url()),
    ];
    let mut delivery = Delivery::start(&settings(sinks, None)).unwrap();
    for n in 0..20 {
        delivery.hand_over(0, &[fired(&format!("package-{n}"))], &[]);
    }
    for _ in 0..20 {
        good.request();
    }
    assert!(!delivery.wait_until_empty(Duration::ZERO));
    let waiting = |n: usize| delivery.counters()[n].queue;
    assert_eq!((waiting(0), waiting(1), waiting(2)), (20, 20, 20));
    assert!(delivery.counters()[0].sent == 0);
}

#[test]
fn chats_that_lie_are_asked_again() {
    let directory = tempfile::tempdir().unwrap();
    for (sink_type, lie, truth) in [
        (SinkType::Slack, "invalid_token", "ok"),
        (
            SinkType::Wecom,
            r#"{"errcode":93000,"errmsg":"invalid webhook url"}"#,
            r#"{"errcode":0,"errmsg":"ok"}"#,
        ),
        (
            SinkType::Dingtalk,
            r#"{"errcode":310000,"errmsg":"sign not match"}"#,
            r#"{"errcode":0,"errmsg":"ok"}"#,
        ),
        (
            SinkType::Feishu,
            r#"{"code":19021,"msg":"sign match fail"}"#,
            r#"{"code":0,"msg":"success","data":{}}"#,
        ),
    ] {
        let server = Server::start(vec![Answer::Say(200, "", lie), Answer::Say(200, "", truth)]);
        let sink = chat(sink_type, &server.url(), directory.path());
        let mut delivery = Delivery::start(&settings(vec![sink], None)).unwrap();
        delivery.hand_over(0, &[fired("a")], &[]);
        assert!(delivery.wait_until_empty(LONG));
        let counters = delivery.counters().remove(0);
        assert_eq!((counters.sent, counters.retried), (1, 1), "{sink_type}");
        assert!(counters.last_error.unwrap().starts_with("status 200: "), "{sink_type}");
        assert_eq!(server.rest().len(), 2);
    }
}

#[test]
fn one_message_that_is_not_taken_does_not_hold_up_others() {
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start(vec![Answer::Say(200, "", "no"), Answer::Say(200, "", "ok")]);
    let mut sink = chat(SinkType::Slack, &server.url(), directory.path());
    // The first one is put off for as long as the test may take.
    (sink.retry_first_ms, sink.retry_max_ms) = (3_600_000, 3_600_000);
    let mut delivery = Delivery::start(&settings(vec![sink], None)).unwrap();
    delivery.hand_over(0, &[fired("a"), fired("b")], &[]);
    let (first, second) = (server.request(), server.request());
    assert!(first.body["text"] == second.body["text"] && first.body != second.body);
}

#[test]
fn secrets_are_in_no_error_whoever_says_them() {
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start(vec![
        Answer::Say(404, "", "no such hook: /hook/SECRET-TOKEN-slack"),
        Answer::Say(200, "", "ok"),
    ]);
    let sink = chat(SinkType::Slack, &server.url(), directory.path());
    assert!(!format!("{sink:?}").contains("SECRET-TOKEN"));
    let mut delivery = Delivery::start(&settings(vec![sink], None)).unwrap();
    delivery.hand_over(0, &[fired("a")], &[]);
    assert!(delivery.wait_until_empty(LONG));
    assert_eq!(server.request().path, "/hook/SECRET-TOKEN-slack");
    assert_eq!(delivery.counters()[0].last_error.as_deref(), Some("status 404: no such hook: [redacted]"));
}
