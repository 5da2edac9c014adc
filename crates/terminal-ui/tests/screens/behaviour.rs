//! What keys come to: filters, time, what is asked of others.

use terminal_ui::*;

use crate::driver::{Driver, PLAIN};

fn rows(driver: &Driver) -> usize {
    driver.state.watch.as_ref().unwrap().arranged.as_ref().unwrap().clusters.len()
}

fn total(driver: &Driver) -> u64 {
    driver.state.watch.as_ref().unwrap().shown().unwrap().0.total
}

#[test]
fn a_filter_is_the_one_of_dump_or_a_word() {
    let mut driver = Driver::of_target((100, 30), 3);
    let all = rows(&driver);
    driver.type_in("/");
    driver.type_in("state=running");
    driver.press([Key::Enter]);
    assert!((1..all).contains(&rows(&driver)));
    driver.press([Key::Esc]);
    assert_eq!(rows(&driver), all);
    driver.type_in("/");
    driver.type_in("PART4");
    driver.press([Key::Enter]);
    assert!((1..all).contains(&rows(&driver)));
    assert!(driver.picture(PLAIN).contains("match"));
    driver.type_in("/");
    driver.press([Key::Ctrl('u')]);
    driver.type_in("state=wating");
    driver.press([Key::Enter]);
    assert!(driver.picture(PLAIN).contains("`wating` is not"), "{}", driver.picture(PLAIN));
}

#[test]
fn time_goes_back_and_forth_and_looks_go_on_meanwhile() {
    let mut driver = Driver::of_target((100, 30), 3);
    let now = total(&driver);
    driver.type_in("[[");
    assert!(total(&driver) < now);
    driver.look();
    assert!(total(&driver) < now, "the picture is held");
    assert!(driver.picture(PLAIN).contains("HELD, 3 newer"), "{}", driver.picture(PLAIN));
    driver.type_in("]");
    driver.press([Key::Char(' ')]);
    assert!(total(&driver) > now, "the newest is shown again");
    assert!(driver.picture(PLAIN).contains("LIVE"));
}

#[test]
fn old_looks_lose_their_goroutines_and_then_say_so() {
    let mut driver = Driver::with_memory((100, 30), 4, 1);
    driver.type_in("[");
    assert!(rows(&driver) > 1, "clusters are kept");
    driver.type_in("2");
    assert!(driver.picture(PLAIN).contains("not kept any more"));
    driver.type_in(" ");
    assert!(!driver.picture(PLAIN).contains("not kept any more"));
}

#[test]
fn what_others_have_to_do_is_asked_of_them() {
    let mut driver = Driver::of_target((100, 30), 2);
    driver.type_in("L");
    driver.type_in("y");
    driver.type_in("w");
    driver.press([Key::Enter]);
    driver.type_in("+-q");
    let asked: Vec<&Effect> = driver.asked.effects.iter().collect();
    assert!(matches!(asked[0], Effect::Ask(Question::Leaks, None)), "{asked:?}");
    // The second search has to wait for the first one.
    assert!(
        matches!(asked[1], Effect::Record(Some(path)) if path.to_str().unwrap().starts_with("shop-4242-"))
    );
    assert!(matches!(asked[2], Effect::Interval(_)) && matches!(asked[3], Effect::Interval(_)));
    assert!(matches!(asked[4], Effect::Quit));
}

#[test]
fn a_process_is_opened_and_left() {
    let mut driver = Driver::of_fleet((100, 30));
    driver.press([Key::Enter]);
    assert!(matches!(driver.asked.effects[..], [Effect::Open(41, 7)]));
    driver.look();
    driver.press([Key::Esc]);
    assert!(matches!(driver.asked.effects[..], [Effect::Open(..), Effect::Close]));
    assert!(driver.picture(PLAIN).contains("GOROUTINES"));
}

#[test]
fn what_is_lost_late_or_recorded_is_in_the_header() {
    let mut driver = Driver::of_target((100, 30), 3);
    assert!(driver.picture(PLAIN).contains("LOST 2"));
    driver.hear(Event::Recorded(Some(Recorded { path: "x.gostat".into(), moments: 3 })));
    assert!(driver.picture(PLAIN).contains("REC 3 in x.gostat"));
    driver.hear(Event::Gone(Trouble { cause: "process 4242 has exited".into(), hint: None }));
    let picture = driver.picture(PLAIN);
    assert!(picture.contains("GONE") && picture.contains("has exited"), "{picture}");
    driver.type_in("7");
    let events = driver.picture(PLAIN);
    for event in ["START", "GAP", "GC", "RECORD", "END"] {
        assert!(events.contains(event), "{event}\n{events}");
    }
}

#[test]
fn a_recording_is_stepped_through_by_those_who_read_it() {
    let mut driver = Driver::of_target((100, 30), 0);
    driver.state =
        State::new(Some(("a.gostat".into(), true)), std::time::Duration::from_secs(1), 1 << 20, (100, 30));
    let look = Observer::default()
        .look(analysis::Rules::built_in(), std::sync::Arc::new(crate::service::service(2, 50)));
    let place = Place { index: 1, totals: [40, 50, 60].into(), has_heap: false };
    let look = Look { number: 2, place: Some(place), ..look };
    driver.hear(Event::Look(Seen { look: look.into(), before: None, first: None }));
    assert!(driver.picture(PLAIN).contains("REPLAY 2/3"), "{}", driver.picture(PLAIN));
    driver.type_in("[");
    assert!(matches!(
        driver.asked.effects[..],
        [Effect::Play(false), Effect::Show(0)] | [Effect::Show(0), Effect::Play(false)]
    ));
    driver.asked.effects.clear();
    driver.type_in(" ");
    assert!(matches!(driver.asked.effects[..], [Effect::Play(true)]));
}
