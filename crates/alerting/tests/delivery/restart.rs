//! Alerts that were accepted survive the agent, within bounds.

use std::path::Path;
use std::time::Duration;

use alerting::{AlertingError, Delivery, Event, Severity, SinkSettings};

use crate::server::{Answer, LONG, Server, fired, fired_and_resolved, settings, sink};

const OK: Answer = Answer::Say(200, "", "{}");
const DOWN: Answer = Answer::Say(503, "", "");

fn files(directory: &Path, ending: &str) -> usize {
    let entries = std::fs::read_dir(directory).unwrap();
    entries
        .filter(|entry| entry.as_ref().unwrap().path().extension().is_some_and(|found| found == ending))
        .count()
}

/// A sink of a server that is down, after which nothing is tried for as long as a test takes.
fn down(server: &Server) -> SinkSettings {
    SinkSettings { retry_first_ms: 3_600_000, retry_max_ms: 3_600_000, ..sink("team", &server.url()) }
}

#[test]
fn what_was_accepted_arrives_after_a_restart_in_order() {
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start(vec![DOWN]);
    let mut first = Delivery::start(&settings(vec![down(&server)], Some(directory.path()))).unwrap();
    let [fired, resolved] = fired_and_resolved("a", Severity::Warning);
    first.hand_over(0, &[fired], &[]);
    first.hand_over(0, &[resolved], &[]);
    server.request();
    let spool = directory.path().join("team");
    assert_eq!(files(&spool, "json"), 2);
    assert!(matches!(
        Delivery::start(&settings(vec![down(&server)], Some(directory.path()))).err(),
        Some(AlertingError::SpoolInUse { .. })
    ));
    first.stop(Duration::ZERO);

    let server = Server::start(vec![OK]);
    let second =
        Delivery::start(&settings(vec![sink("team", &server.url())], Some(directory.path()))).unwrap();
    assert_eq!(server.request().body["event"], "fired");
    assert_eq!(server.request().body["event"], "resolved");
    assert!(second.wait_until_empty(LONG));
    assert_eq!(files(&spool, "json"), 0);
    second.stop(Duration::ZERO);
    let third =
        Delivery::start(&settings(vec![sink("team", &server.url())], Some(directory.path()))).unwrap();
    assert_eq!(third.counters()[0].queue, 0);
}

#[test]
fn stopping_sends_what_can_be_sent() {
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start(vec![OK]);
    let mut delivery =
        Delivery::start(&settings(vec![sink("team", &server.url())], Some(directory.path()))).unwrap();
    let many: Vec<_> = (0..10).map(|n| fired(&format!("package-{n}"))).collect();
    delivery.hand_over(0, &many, &[]);
    delivery.stop(LONG);
    assert_eq!(server.rest().len(), 10);
    assert_eq!(files(&directory.path().join("team"), "json"), 0);
}

#[test]
fn damaged_files_are_set_aside_and_counted() {
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start(vec![DOWN]);
    let mut first = Delivery::start(&settings(vec![down(&server)], Some(directory.path()))).unwrap();
    first.hand_over(0, &[fired("a"), fired("b")], &[]);
    first.stop(Duration::ZERO);
    let spool = directory.path().join("team");
    for n in 0..20 {
        std::fs::write(spool.join(format!("{:020}.json", 100 + n)), "{\"accepted_unix_ms\":1,\"not").unwrap();
    }
    std::fs::write(spool.join("00000000000000000300.unfinished"), "{").unwrap();
    std::fs::write(spool.join("readme.txt"), "not ours").unwrap();

    let server = Server::start(vec![OK]);
    let second =
        Delivery::start(&settings(vec![sink("team", &server.url())], Some(directory.path()))).unwrap();
    assert!(second.wait_until_empty(LONG));
    assert_eq!((second.counters()[0].broken, second.counters()[0].sent), (20, 2));
    assert_eq!((files(&spool, "json"), files(&spool, "broken"), files(&spool, "unfinished")), (0, 10, 0));
    assert_eq!(files(&spool, "txt"), 1, "what is not ours is left alone");
}

#[test]
fn too_many_are_dropped_the_oldest_that_are_over_first() {
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start(vec![DOWN]);
    let sink_down = SinkSettings { queue_max: 5, ..down(&server) };
    let mut delivery = Delivery::start(&settings(vec![sink_down], Some(directory.path()))).unwrap();
    delivery.hand_over(0, &[fired("first")], &[]);
    server.request();
    let over: Vec<_> =
        ["a", "b"].iter().flat_map(|package| fired_and_resolved(package, Severity::Warning)).collect();
    delivery.hand_over(0, &over, &[]);
    delivery.hand_over(0, &[fired("c"), fired("d")], &[]);
    assert_eq!((delivery.counters()[0].queue, delivery.counters()[0].dropped), (5, 2));
    assert_eq!(files(&directory.path().join("team"), "json"), 5);
    delivery.stop(Duration::ZERO);

    let server = Server::start(vec![OK]);
    let again =
        Delivery::start(&settings(vec![sink("team", &server.url())], Some(directory.path()))).unwrap();
    assert!(again.wait_until_empty(LONG));
    let arrived = server.rest();
    let package = |n: usize| arrived[n].body["alert"]["key"]["package"].as_str().unwrap().to_owned();
    let packages: Vec<String> = (0..arrived.len()).map(package).collect();
    assert_eq!(packages, ["first", "b", "b", "c", "d"]);
}

#[test]
fn a_spool_that_cannot_be_written_loses_nothing_yet() {
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start(vec![DOWN, OK]);
    let mut delivery =
        Delivery::start(&settings(vec![sink("team", &server.url())], Some(directory.path()))).unwrap();
    // As root, permissions keep nobody out; a directory that is gone does.
    std::fs::remove_dir_all(directory.path().join("team")).unwrap();
    let [fired, _] = fired_and_resolved("a", Severity::Warning);
    assert_eq!(fired.event, Event::Fired);
    delivery.hand_over(0, &[fired], &[]);
    assert!(delivery.wait_until_empty(LONG));
    let counters = delivery.counters().remove(0);
    assert_eq!((counters.sent, counters.not_spooled), (1, 1));
    // A directory that cannot even be made is said at the start.
    std::fs::write(directory.path().join("file"), "").unwrap();
    let path = directory.path().join("file");
    let refused = Delivery::start(&settings(vec![sink("team", &server.url())], Some(&path))).err().unwrap();
    assert!(matches!(refused, AlertingError::Spool { .. }), "{refused}");
}
