//! What frames come to is what was looked at, whenever one begins to listen, and whatever arrives.

#![forbid(unsafe_code)]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a test ends where something is not as it must be"
)]

mod against_page;
mod looks;

use live_frames::{Encoder, FrameError, Picture, Row};
use proptest::prelude::*;

use crate::looks::{Look, World, looks};

/// A picture as it must be.
fn check(picture: &Picture, world: &World, look: &Look) {
    let mut expected = std::collections::BTreeMap::new();
    for individual in &look.individuals {
        expected.insert(individual.place, individual);
    }
    let full = (0u32..).zip(&picture.rows).filter(|(_, row)| row.cohort != 0);
    let rows: Vec<(u32, Row)> = full.map(|(place, row)| (place, *row)).collect();
    assert_eq!(rows.len(), expected.len());
    for (place, row) in rows {
        let individual = expected[&place];
        assert_eq!((row.id as u64, row.p), (individual.id.0, individual.p.unwrap_or(-1)));
        let waited = individual.waiting_since.map(|since| since.ms() as f64);
        let shown = (row.since_ms > 0.0).then_some(picture.head.at_monotonic_ms - row.since_ms);
        assert!(
            matches!((waited, shown), (None, None)) || (waited.unwrap() - shown.unwrap()).abs() <= 3.0,
            "{waited:?} {shown:?}"
        );
        let cohort = &picture.cohorts[&row.cohort];
        let (status, reason, function) = world.words(individual.cohort);
        assert_eq!((cohort.status.as_str(), cohort.reason.as_deref()), (status, reason));
        let shown = cohort.stack.iter().map(|number| picture.frames[number].function.as_str());
        assert_eq!(shown.collect::<Vec<_>>(), function);
    }
}

proptest! {
    #[test]
    fn frames_come_to_what_was_looked_at(looks in looks(), joins in 0_usize..6) {
        let world = World::new();
        let mut encoder = Encoder::default();
        prop_assert!(encoder.key().is_none());
        let (mut first, mut late) = (Picture::default(), Picture::default());
        for (index, look) in looks.iter().enumerate() {
            let frame = encoder.advance(&world.census(look), &look.individuals);
            first.apply(&frame).unwrap();
            check(&first, &world, look);
            if index == joins {
                late.apply(&encoder.key().unwrap()).unwrap();
            } else if index > joins {
                late.apply(&frame).unwrap();
            }
            if index >= joins {
                prop_assert_eq!(&late.rows, &first.rows);
                prop_assert_eq!(&late.head, &first.head);
                check(&late, &world, look);
            }
        }
    }

    #[test]
    fn damage_is_an_error_or_another_picture(
        looks in looks(), at in any::<prop::sample::Index>(), bits in 1_u8.., cut in any::<bool>(),
    ) {
        let world = World::new();
        let mut encoder = Encoder::default();
        let mut picture = Picture::default();
        for look in &looks {
            let mut frame = encoder.advance(&world.census(look), &look.individuals);
            let at = at.index(frame.len());
            if cut { frame.truncate(at) } else { frame[at] ^= bits }
            let before = picture.clone();
            if picture.apply(&frame).is_err() {
                prop_assert!(picture == before, "a frame that is refused changes nothing");
            }
        }
    }
}

#[test]
fn what_does_not_follow_is_refused() {
    let world = World::new();
    let (mut encoder, mut picture) = (Encoder::default(), Picture::default());
    let look = Look::of(&[(0, 1, 0), (3, 7, 1)]);
    let mut frame = || encoder.advance(&world.census(&look), &look.individuals);
    picture.apply(&frame()).unwrap();
    frame();
    let error = picture.apply(&frame()).unwrap_err();
    assert!(matches!(error, FrameError::Order { before: 2, applied: 1 }), "{error}");
    picture.apply(&encoder.key().unwrap()).unwrap();
    assert_eq!(picture.head.number, 3);
    assert!(matches!(
        picture.apply(b"\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
        Err(FrameError::Version { version: 2 })
    ));
}

#[test]
fn what_does_not_change_takes_no_room() {
    let world = World::new();
    let mut encoder = Encoder::default();
    let all: Vec<(u32, u64, u32)> = (0..100_000).map(|n| (n, u64::from(n) + 1, 1)).collect();
    let mut look = Look::of(&all);
    let first = encoder.advance(&world.census(&look), &look.individuals).len();
    look.later(1_000);
    let second = encoder.advance(&world.census(&look), &look.individuals).len();
    assert!(first > 100_000 && second < 2_000, "{first} {second}");
}
