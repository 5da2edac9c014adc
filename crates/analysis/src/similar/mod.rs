//! Which stacks are nearly the same code.

mod dbscan;
mod min_hash;

use rustc_hash::FxHashMap;
use snapshot::{StackId, Tables};

use crate::fingerprint::{Fingerprint, compared_names};

/// Distance (1 - Jaccard similarity of the frames) up to which stacks are neighbours; between 0.15 and 0.25 makes
/// sense. At 0.2, one frame of nine may differ, or one be added to four others.
const DISTANCE_MAX: f64 = 0.2;
/// Distinct stacks that a cluster needs around a point in its core.
const MIN_STACKS: u64 = 3;
/// Distinct fingerprints that are compared; those beyond stay apart. With at most 16 * 32 candidates each
/// (see `min_hash`), the work is bounded: five million comparisons of 15 numbers.
pub const STACKS_COMPARED_MAX: usize = 10_000;

/// Gives stacks that are nearly the same code one number, counted from 0 in order of appearance; `None` for stacks
/// without frames.
///
/// A stack is the set of its frames (shingles of one frame; a function that occurs again is another element), as
/// [`Fingerprint`]s see them. Stacks with one fingerprint are together. Beyond that, pairs that MinHash (64 values, 16
/// bands) finds to be candidates are compared exactly, and DBSCAN joins those within 0.2, where at least three
/// distinct stacks are near each other. What is near nothing is a cluster of its own.
///
/// Order matters only beyond [`STACKS_COMPARED_MAX`] fingerprints: the first ones are compared.
pub fn clusters_of_stacks(tables: &Tables, stacks: &[StackId]) -> Vec<Option<usize>> {
    let mut points: FxHashMap<Fingerprint, usize> = FxHashMap::default();
    let mut frames: Vec<Vec<u64>> = Vec::new();
    let mut weights: Vec<u64> = Vec::new();
    let point_of: Vec<Option<usize>> = stacks
        .iter()
        .map(|stack| {
            let names = compared_names(tables, *stack);
            let fingerprint = Fingerprint::of_names(names.iter().map(|name| name.as_ref()));
            (!names.is_empty()).then(|| {
                let point = *points.entry(fingerprint).or_insert_with(|| {
                    frames.push(elements(names.iter().map(|name| name.as_ref())));
                    weights.push(0);
                    frames.len() - 1
                });
                if let Some(weight) = weights.get_mut(point) {
                    *weight += 1;
                }
                point
            })
        })
        .collect();

    let compared = frames.get(..STACKS_COMPARED_MAX).unwrap_or(&frames);
    let mut found = dbscan::clusters(&neighbours(compared), &weights, MIN_STACKS);
    found.resize(frames.len(), None);
    // Noise, and what was not compared: each fingerprint for itself.
    let first_own = found.iter().flatten().max().map_or(0, |last| last + 1);
    let alone = found.iter_mut().filter(|cluster| cluster.is_none());
    alone.zip(first_own..).for_each(|(cluster, own)| *cluster = Some(own));
    let mut numbers: FxHashMap<usize, usize> = FxHashMap::default();
    let number = |point: Option<usize>| {
        let cluster = found.get(point?).copied().flatten()?;
        let next = numbers.len();
        Some(*numbers.entry(cluster).or_insert(next))
    };
    point_of.into_iter().map(number).collect()
}

/// A stack as a sorted set: hashes of its names, the second occurrence of a name being another element.
fn elements<'a>(names: impl Iterator<Item = &'a str>) -> Vec<u64> {
    let mut occurrences: FxHashMap<&str, u64> = FxHashMap::default();
    let mut elements: Vec<u64> = names
        .map(|name| {
            let occurrence = occurrences.entry(name).or_default();
            *occurrence += 1;
            Fingerprint::of_names([name].into_iter()).0.wrapping_add(*occurrence)
        })
        .collect();
    elements.sort_unstable();
    elements.dedup();
    elements
}

fn neighbours(frames: &[Vec<u64>]) -> Vec<Vec<usize>> {
    let signatures: Vec<_> = frames.iter().map(|elements| min_hash::signature(elements)).collect();
    let mut neighbours = vec![Vec::new(); frames.len()];
    for (a, b) in min_hash::candidate_pairs(&signatures) {
        let (Some(frames_a), Some(frames_b)) = (frames.get(a), frames.get(b)) else { continue };
        if distance(frames_a, frames_b) <= DISTANCE_MAX {
            for (from, to) in [(a, b), (b, a)] {
                if let Some(near) = neighbours.get_mut(from) {
                    near.push(to);
                }
            }
        }
    }
    neighbours
}

/// 1 - |a ∩ b| / |a ∪ b| of two sorted sets.
fn distance(a: &[u64], b: &[u64]) -> f64 {
    let (mut i, mut j, mut shared) = (0, 0, 0usize);
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        shared += usize::from(x == y);
        i += usize::from(x <= y);
        j += usize::from(y <= x);
    }
    let all = a.len() + b.len() - shared;
    #[expect(clippy::cast_precision_loss, reason = "at most 15 frames each")]
    if all == 0 { 0.0 } else { 1.0 - shared as f64 / all as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    use snapshot::{Frame, FrameId, StackTrace};

    fn stack(tables: &mut Tables, names: &[String]) -> StackId {
        let frames: Box<[FrameId]> = names
            .iter()
            .map(|name| {
                let function = tables.strings.intern_str(name);
                tables.frames.intern(Frame { function, ..Frame::default() })
            })
            .collect();
        tables.stacks.intern(StackTrace { frames, complete: true })
    }

    fn chain(middle: &str) -> Vec<String> {
        (0..12)
            .map(|depth| if depth == 6 { format!("main.{middle}") } else { format!("lib.f{depth}x") })
            .collect()
    }

    #[test]
    fn stacks_that_differ_in_one_frame_are_together_and_others_apart() {
        let mut tables = Tables::default();
        let mut stacks: Vec<StackId> =
            ["a", "b", "c", "d"].iter().map(|middle| stack(&mut tables, &chain(middle))).collect();
        stacks.push(stack(&mut tables, &["main.other".to_owned(), "main.main".to_owned()]));
        stacks.push(StackId::default());
        assert_eq!(clusters_of_stacks(&tables, &stacks), [Some(0), Some(0), Some(0), Some(0), Some(1), None]);
        // Two that are alike are fewer than the three that a cluster needs.
        assert_eq!(clusters_of_stacks(&tables, &stacks[..2]), [Some(0), Some(1)]);
    }

    #[test]
    fn ten_thousand_stacks_that_are_all_alike_are_one_cluster() {
        let mut tables = Tables::default();
        let stacks: Vec<StackId> = (0..STACKS_COMPARED_MAX + 5)
            .map(|number| stack(&mut tables, &chain(&format!("handler{number}x"))))
            .collect();
        let found = clusters_of_stacks(&tables, &stacks);
        let distinct: BTreeSet<_> = found.iter().take(STACKS_COMPARED_MAX).collect();
        // Bands may miss a few in ten thousand; those beyond the bound stay apart.
        assert!(distinct.len() <= 3, "{} clusters", distinct.len());
        assert!(found.iter().collect::<BTreeSet<_>>().len() >= 6);
    }

    proptest! {
        #[test]
        fn the_distance_is_that_of_the_sets(
            a in prop::collection::btree_set(0u64..20, 0..15),
            b in prop::collection::btree_set(0u64..20, 0..15),
        ) {
            let (shared, all) = (a.intersection(&b).count(), a.union(&b).count());
            let list = |set: &BTreeSet<u64>| set.iter().copied().collect::<Vec<_>>();
            let found = distance(&list(&a), &list(&b));
            #[expect(clippy::cast_precision_loss, reason = "small numbers")]
            let exact = if all == 0 { 0.0 } else { 1.0 - shared as f64 / all as f64 };
            prop_assert!((found - exact).abs() < 1e-12);
        }
    }
}
