//! Every view in two sizes, compared with pictures that somebody has looked at.
//!
//! `GOSTAT_BLESS=1 cargo test -p terminal-ui --test screens` draws them anew; look at them before you commit.

use std::fs;
use std::path::Path;

use terminal_ui::*;

use crate::driver::{Driver, PLAIN};

const SIZES: [(u16, u16); 2] = [(80, 24), (200, 50)];

/// The same keys, in every size.
fn check(name: &str, start: impl Fn((u16, u16)) -> Driver, keys: &[Key]) {
    for size in SIZES {
        let mut driver = start(size);
        driver.press(keys.iter().copied());
        compare(&format!("{name}-{}x{}.txt", size.0, size.1), &driver.picture(PLAIN));
    }
}

fn compare(name: &str, picture: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/screens/pictures").join(name);
    if std::env::var_os("GOSTAT_BLESS").is_some_and(|value| value == "1") {
        fs::write(&path, picture).unwrap();
    }
    let known = fs::read_to_string(&path).unwrap_or_default();
    assert!(known == picture, "{name} has changed: GOSTAT_BLESS=1 draws it anew; it is now\n{picture}");
}

fn target(size: (u16, u16)) -> Driver {
    Driver::of_target(size, 3)
}

fn answered(size: (u16, u16)) -> Driver {
    let mut driver = target(size);
    let lines =
        ["proven: 3 goroutines can never run again", "    because nothing reaches them", "healthy: 9"];
    let lines = Progress::Answer(lines.map(str::to_owned).into());
    driver.hear(Event::Search(Question::Leaks, lines.clone()));
    driver.hear(Event::Search(Question::Why(snapshot::GoroutineId(3)), lines));
    driver
}

#[test]
fn all_processes() {
    check("overview", Driver::of_fleet, &[]);
    check("overview-refused", Driver::of_fleet, &[Key::End, Key::Enter]);
}

#[test]
fn clusters() {
    check("clusters", target, &[Key::Down]);
    check("clusters-by-function", target, &[Key::Char('<')]);
}

#[test]
fn goroutines() {
    check("goroutines", target, &[Key::Char('2'), Key::Down, Key::PageDown]);
    check("goroutines-of-a-cluster", target, &[Key::Down, Key::Enter]);
}

#[test]
fn stacks() {
    check("stack", target, &[Key::Char('3')]);
}

#[test]
fn answers() {
    check("why", answered, &[Key::Char('4')]);
    check("leaks", answered, &[Key::Char('5')]);
    check("leaks-not-asked", target, &[Key::Char('5')]);
}

#[test]
fn scheduler_and_events() {
    check("scheduler", target, &[Key::Char('6')]);
    check("events", target, &[Key::Char('7')]);
}

#[test]
fn held_in_the_past() {
    check("held", target, &[Key::Char('['), Key::Char('[')]);
}

#[test]
fn help_is_made_of_the_table_of_keys() {
    check("help", target, &[Key::Char('?')]);
    let mut driver = Driver::of_target((100, 120), 1);
    driver.press([Key::Char('?')]);
    let help = driver.picture(PLAIN);
    for binding in BINDINGS {
        assert!(help.contains(binding.shown) && help.contains(binding.help), "{binding:?}\n{help}");
    }
}

#[test]
fn without_unicode_there_is_nothing_but_ascii() {
    for keys in [&[][..], &[Key::Char('2')], &[Key::Char('6')], &[Key::Char('?')]] {
        let mut driver = target((80, 24));
        driver.press(keys.iter().copied());
        let picture = driver.picture(Theme { colour: true, unicode: false });
        assert!(picture.is_ascii(), "{picture}");
    }
}

#[test]
fn names_of_the_target_cannot_drive_the_terminal() {
    let theme = Theme { colour: true, unicode: true };
    for start in [Driver::of_fleet, target] {
        let mut driver = start((200, 50));
        driver.press([Key::Char('2'), Key::Char('3')]);
        for character in driver.picture(theme).chars() {
            assert!(character == '\n' || !snapshot::Printable::must_escape(character), "{character:?}");
        }
    }
}
