//! Whatever is typed, at whatever size: nothing panics, and what is selected is there.

use proptest::prelude::*;
use terminal_ui::*;

use crate::driver::{Driver, PLAIN};
use crate::service::service;

/// Something that happens.
#[derive(Debug, Clone)]
enum Step {
    Press(Key),
    Resize(u16, u16),
    Look,
    /// All goroutines but a few are gone.
    Shrink(u64),
    Gone,
    Answer,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let bound: Vec<Key> = BINDINGS.iter().flat_map(|binding| binding.keys.iter().copied()).collect();
    let step = prop_oneof![
        12 => prop::sample::select(bound).prop_map(Step::Press),
        2 => any::<char>().prop_map(|character| Step::Press(Key::Char(character))),
        2 => prop_oneof![(0..300_u16, 0..100_u16), (0..4_u16, 0..4_u16)].prop_map(|(w, h)| Step::Resize(w, h)),
        3 => Just(Step::Look),
        1 => (0..30_u64).prop_map(Step::Shrink),
        1 => Just(Step::Answer),
        1 => Just(Step::Gone),
    ];
    prop::collection::vec(step, 1..60)
}

fn take(driver: &mut Driver, step: &Step) {
    match step {
        Step::Press(key) => driver.hear(Event::Key(*key)),
        Step::Resize(width, height) => driver.hear(Event::Resize(*width, *height)),
        Step::Look => driver.look(),
        Step::Shrink(goroutines) => driver.look_at(service(900, *goroutines)),
        Step::Gone => {
            driver.hear(Event::Gone(Trouble { cause: "process 4242 has exited".into(), hint: None }))
        }
        Step::Answer => {
            let lines = Progress::Answer(["a".to_owned(), "b".repeat(500)].into());
            driver.hear(Event::Search(Question::Leaks, lines));
        }
    }
}

/// What is selected is in the table, and on the screen.
fn check(state: &State) {
    let page = usize::from(state.layout().body.height).max(1);
    if let Some(watch) = &state.watch
        && let Some(arranged) = &watch.arranged
        && watch.view == View::Clusters
        && state.help.is_none()
    {
        let Cursor { key, index, offset } = watch.clusters;
        assert_eq!(key, arranged.clusters.get(index).map(|row| row.cluster.key));
        assert!(offset <= index && index < offset + page, "{offset} {index} {page}");
    }
    if let Some(watch) = &state.watch
        && let Some(arranged) = &watch.arranged
        && watch.view == View::Goroutines
        && arranged.number == watch.requested
        && state.help.is_none()
    {
        assert!(arranged.goroutines.is_empty() || watch.selected_goroutine().is_some());
        assert_eq!(watch.goroutines.key, watch.selected_goroutine().map(|goroutine| goroutine.id));
    }
    if state.watch.is_none() {
        let selected = state.overview.process(state.overview.cursor.index).map(|process| process.pid);
        assert_eq!(state.overview.cursor.key, selected);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn whatever_is_typed_is_survived(steps in steps(), of_target in any::<bool>(), small in any::<bool>()) {
        let memory = if small { 1 } else { 1 << 20 };
        let mut driver =
            if of_target { Driver::with_memory((80, 24), 2, memory) } else { Driver::of_fleet((80, 24)) };
        for step in &steps {
            take(&mut driver, step);
            check(&driver.state);
            driver.picture(PLAIN);
        }
    }
}

#[test]
fn the_smallest_screens_show_something_and_do_not_panic() {
    for size in [(0, 0), (1, 1), (1, 24), (80, 1), (5, 3), (20, 6), (65535, 1)] {
        for view in '1'..='7' {
            let mut driver = Driver::of_target(size, 2);
            driver.type_in(&format!("{view}"));
            driver.picture(PLAIN);
            driver.type_in("?/x");
            driver.picture(PLAIN);
        }
        Driver::of_fleet(size).picture(PLAIN);
    }
}
