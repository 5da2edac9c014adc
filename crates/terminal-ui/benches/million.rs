//! What a picture of a million goroutines takes, next to a look at them: `cargo bench -p terminal-ui`.
//!
//! The look is one of `gostat` at a real process of this size (`cargo bench -p gostat`) or, here, what making the
//! picture's data takes: groups, filter, order. Those are made beside the thread that draws.

#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, reason = "a benchmark prints what it has measured")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use analysis::Rules;
use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Rect;
use terminal_ui::*;

#[path = "../tests/screens/service.rs"]
mod service;

const GOROUTINES: u64 = 1_000_000;
const SIZE: (u16, u16) = (200, 50);
const TIMES: usize = 5;

fn main() {
    let snapshot = Arc::new(service::service(1, GOROUTINES));
    let mut observer = Observer::default();
    let (look, looked) = timed(|| observer.look(Rules::built_in(), Arc::clone(&snapshot)));
    println!("{GOROUTINES} goroutines, a screen of {} x {}", SIZE.0, SIZE.1);
    println!("groups of a look (thread that looks): {looked:.1?}");
    for (name, keys) in [
        ("clusters", "1"),
        ("goroutines by id", "2"),
        ("goroutines by state", "2s"),
        ("goroutines by age", "2ss"),
        ("goroutines by function", "2<"),
    ] {
        let mut worst = (Duration::ZERO, Duration::ZERO);
        for _ in 0..TIMES {
            let (arranged, pictured) = picture_of(&look, keys);
            worst = (worst.0.max(arranged), worst.1.max(pictured));
        }
        let ratio = worst.1.as_secs_f64() / looked.as_secs_f64();
        println!(
            "{name}: sorted in {:.1?} (thread beside), shown in {:.3?} (state and drawing): {ratio:.6} of the groups",
            worst.0, worst.1
        );
    }
}

/// A new look comes in while this view is shown, and then a key: the time that sorting takes, and the time from both to
/// the cells of the screen.
fn picture_of(look: &Look, keys: &str) -> (Duration, Duration) {
    let mut state = State::new(Some(("bench".into(), false)), Duration::from_secs(1), 1 << 30, SIZE);
    let mut buffer = Buffer::empty(Rect { x: 0, y: 0, width: SIZE.0, height: SIZE.1 });
    let theme = Theme { colour: true, unicode: true };
    let (mut sorting, mut showing) = (Duration::ZERO, Duration::ZERO);
    let seen = |number| {
        let look = Arc::new(Look { number, ..look.clone() });
        Event::Look(Seen { look, before: None, first: None })
    };
    let mut events = vec![seen(1)];
    events.extend(keys.chars().map(|key| Event::Key(Key::Char(key))));
    events.extend([Event::Key(Key::End), seen(2), Event::Key(Key::Up)]);
    for event in events {
        let (mut effects, updated) = timed(|| state.update(event));
        let mut shown = updated;
        while let Some(effect) = effects.pop() {
            if let Effect::Arrange(request) = effect {
                let (arranged, took) = timed(|| Arc::new(arrange(Rules::built_in(), &request)));
                sorting = sorting.max(took);
                let (more, updated) = timed(|| state.update(Event::Arranged(arranged)));
                effects.extend(more);
                shown += updated;
            }
        }
        let ((), drawn) = timed(|| {
            buffer.reset();
            draw(&state, theme, &mut buffer);
        });
        showing = showing.max(shown + drawn);
    }
    (sorting, showing)
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let began = Instant::now();
    let result = work();
    (result, began.elapsed())
}
