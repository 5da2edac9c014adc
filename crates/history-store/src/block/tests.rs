//! Blocks come back as they were, and rolled up they say what their ticks say.

use proptest::prelude::*;

use super::*;

fn key() -> impl Strategy<Value = Key> {
    prop_oneof![
        (0u64..20, 0u8..9, 0u64..3, 0u64..3).prop_map(|(place, status, reason, labels)| Key::Count {
            place,
            status,
            reason,
            labels
        }),
        any::<u64>().prop_map(|name| Key::Counter { name }),
        (0u64..4).prop_map(|name| Key::Gauge { name }),
        (0u64..4, 0u64..4).prop_map(|(key, value)| Key::Sum(SumKey::Label { key, value })),
        Just(Key::Sum(SumKey::Total)),
    ]
}

fn point() -> impl Strategy<Value = Point> {
    (any::<u64>(), 0u64..9, 0u64..9, any::<bool>(), any::<u64>())
        .prop_map(|(at_ms, ticks, full, last_full, unread)| Point { at_ms, ticks, full, last_full, unread })
}

fn block() -> impl Strategy<Value = Block> {
    prop::collection::vec(point(), 0..40).prop_flat_map(|points| {
        let count = points.len();
        let values = prop::collection::btree_map(0..index(count.max(1)), any::<i64>(), 0..=count)
            .prop_map(|values| values.into_iter().collect::<Values>());
        let facet = prop::sample::select(Facet::ALL.to_vec());
        prop::collection::btree_map((key(), facet), values, 0..20)
            .prop_map(move |columns| Block { points: points.clone(), columns })
    })
}

proptest! {
    #[test]
    fn blocks_come_back(block in block()) {
        prop_assert_eq!(decode(&encode(&block)), Ok(block));
    }

    #[test]
    fn what_is_not_wanted_is_read_over(block in block(), wanted in any::<u64>()) {
        let wants = |key: Key| matches!(key, Key::Counter { .. }) || key == Key::Gauge { name: wanted % 4 };
        let found = decode_wanted(&encode(&block), &wants);
        let mut expected = block;
        expected.columns.retain(|(key, _), _| wants(*key));
        prop_assert_eq!(found, Ok(expected));
    }

    #[test]
    fn what_is_cut_off_is_refused(block in block(), cut in any::<prop::sample::Index>()) {
        let bytes = encode(&block);
        let end = cut.index(bytes.len());
        prop_assert!(decode(&bytes[..end]).is_err());
        prop_assert!(decode_wanted(&bytes[..end], &|_| false).is_err());
    }

    #[test]
    fn bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(block) = decode(&bytes) {
            prop_assert_eq!(decode(&encode(&block)), Ok(block));
        }
    }
}

/// Ticks a second apart from second 58, each with these goroutines in one stack with two label sets.
fn ticks(counts: &[(i64, i64)]) -> Block {
    let mut block = Block::default();
    for (position, &(first, second)) in counts.iter().enumerate() {
        let at_ms = 58_000 + position as u64 * 1_000;
        let mut tick = Block::default();
        tick.points.push(Point { at_ms, ticks: 1, full: 1, last_full: true, unread: position as u64 });
        for (labels, count) in [(1, first), (2, second)].into_iter().filter(|(_, count)| *count > 0) {
            let key = Key::Count { place: 16, status: 4, reason: 0, labels };
            tick.columns.insert((key, Facet::Last), vec![(0, count)]);
        }
        block.push(tick);
    }
    block
}

#[test]
fn minutes_say_what_their_ticks_say() {
    let rolled = rollup(&ticks(&[(5, 0), (3, 7), (1, 1), (0, 9)]), 60_000, &|labels| vec![(1, labels)]);
    let times: Vec<_> = rolled.points.iter().map(|p| (p.at_ms, p.ticks, p.unread)).collect();
    assert_eq!(times, [(59_000, 2, 1), (61_000, 2, 3)]);
    let first = Key::Count { place: 16, status: 4, reason: 0, labels: 1 };
    let figures = |key, point| Facet::ALL.map(|facet| rolled.get(key, facet, point));
    assert_eq!(figures(first, 0), [Some(3), Some(8), Some(3), Some(5), None]);
    assert_eq!(figures(first, 1), [None, Some(1), Some(0), Some(1), None], "none at the last tick");
    // The most of the sum is not the sum of the most: 5 and 10, 2 and 9.
    let all = Key::Sum(SumKey::Total);
    assert_eq!(figures(all, 0), [Some(10), Some(15), Some(5), Some(10), None]);
    assert_eq!(figures(all, 1), [Some(9), Some(11), Some(2), Some(9), None]);
    assert_eq!(rolled.get(Key::Sum(SumKey::Label { key: 1, value: 1 }), Facet::Sum, 0), None, "one member");
}

#[test]
fn a_minute_that_comes_again_is_another_point() {
    let mut block = ticks(&[(1, 0), (2, 0), (3, 0)]);
    block.points[2].at_ms = 1_000;
    block.points[1].at_ms = 70_000;
    let rolled = rollup(&block, 60_000, &|_| Vec::new());
    assert_eq!(rolled.points.len(), 3);
}
