//! Minutes and hours out of ticks.

use std::collections::BTreeMap;

use super::{Block, Facet, Key, Point, SumKey, Values, added_up, index, place};

/// What a count adds to. `labels` are ids of keys and values.
fn groups_of(place: u64, status: u8, reason: u64, labels: &[(u64, u64)]) -> Vec<SumKey> {
    let mut groups = vec![SumKey::Total, SumKey::Status(status)];
    if place != place::BEYOND_LIMIT {
        groups.push(SumKey::Reason(reason));
    }
    // Of a tick without stacks nothing is known about places and labels.
    if place != place::COUNTS_ONLY {
        groups.push(SumKey::Place(place));
        groups.extend(labels.iter().map(|&(key, value)| SumKey::Label { key, value }));
    }
    groups
}

/// The points of ticks that lie in the same steps of time, made one. A step that comes again, because the clock was set
/// back, is a point of its own.
pub(crate) fn rollup(ticks: &Block, step_ms: u64, labels_of: &dyn Fn(u64) -> Vec<(u64, u64)>) -> Block {
    let buckets = Buckets::of(&ticks.points, step_ms);
    let mut rolled = Block { points: buckets.points.clone(), ..Block::default() };
    let mut members: BTreeMap<SumKey, Vec<&Values>> = BTreeMap::new();
    for (key, values) in ticks.facet(Facet::Last) {
        buckets.roll(key, values, &mut rolled);
        if let Key::Count { place, status, reason, labels } = key {
            for group in groups_of(place, status, reason, &labels_of(labels)) {
                members.entry(group).or_default().push(values);
            }
        }
    }
    // The figures of a lone member are those of its group, unless they count different ticks.
    let mixed = ticks.points.windows(2).any(|pair| matches!(pair, [a, b] if a.last_full != b.last_full));
    for (group, members) in members.into_iter().filter(|(_, members)| mixed || members.len() > 1) {
        buckets.roll(Key::Sum(group), &added_up(members), &mut rolled);
    }
    rolled
}

struct Buckets {
    /// The bucket of each tick.
    of_tick: Vec<u32>,
    /// The last tick of each bucket.
    last: Vec<u32>,
    points: Vec<Point>,
}

impl Buckets {
    fn of(ticks: &[Point], step_ms: u64) -> Buckets {
        let mut buckets = Buckets { of_tick: Vec::new(), last: Vec::new(), points: Vec::<Point>::new() };
        for (position, tick) in ticks.iter().enumerate() {
            match (buckets.points.last_mut(), buckets.last.last_mut()) {
                (Some(point), Some(last)) if point.at_ms / step_ms == tick.at_ms / step_ms => {
                    *last = index(position);
                    point.at_ms = tick.at_ms;
                    point.ticks += tick.ticks;
                    point.full += tick.full;
                    point.last_full = tick.last_full;
                    point.unread = point.unread.max(tick.unread);
                }
                _ => {
                    buckets.last.push(index(position));
                    buckets.points.push(*tick);
                }
            }
            buckets.of_tick.push(index(buckets.points.len().saturating_sub(1)));
        }
        buckets
    }

    /// Adds the columns of one series.
    fn roll(&self, key: Key, values: &Values, rolled: &mut Block) {
        let mut figures: Vec<Figures> = Vec::new();
        for &(tick, value) in values {
            let bucket = self.of_tick.get(tick as usize).copied().unwrap_or_default();
            if figures.last().is_none_or(|last| last.bucket != bucket) {
                figures.push(Figures { bucket, last: None, sum: 0, min: value, max: value, seen: 0 });
            }
            if let Some(last) = figures.last_mut() {
                last.add(value, self.last.get(bucket as usize) == Some(&tick));
            }
        }
        let mut put = |facet, values: Values| {
            if !values.is_empty() {
                rolled.columns.insert((key, facet), values);
            }
        };
        put(Facet::Last, figures.iter().filter_map(|f| Some((f.bucket, f.last?))).collect());
        if matches!(key, Key::Counter { .. }) {
            return;
        }
        put(Facet::Sum, figures.iter().map(|f| (f.bucket, f.sum)).collect());
        put(Facet::Min, figures.iter().map(|f| (f.bucket, self.least(key, f))).collect());
        put(Facet::Max, figures.iter().map(|f| (f.bucket, f.max)).collect());
        if matches!(key, Key::Gauge { .. }) {
            put(Facet::Seen, figures.iter().map(|f| (f.bucket, f.seen)).collect());
        }
    }

    /// The least of a bucket: of counts 0, if a tick that would have had it did not.
    fn least(&self, key: Key, figures: &Figures) -> i64 {
        let point = self.points.get(figures.bucket as usize).copied().unwrap_or_default();
        let looked = match key {
            Key::Gauge { .. } | Key::Counter { .. } => return figures.min,
            Key::Count { place: place::COUNTS_ONLY, .. } => point.ticks,
            Key::Count { .. } | Key::Sum(SumKey::Place(_) | SumKey::Label { .. }) => point.full,
            Key::Sum(_) => point.ticks,
        };
        if figures.seen.cast_unsigned() < looked { 0 } else { figures.min }
    }
}

struct Figures {
    bucket: u32,
    last: Option<i64>,
    sum: i64,
    min: i64,
    max: i64,
    seen: i64,
}

impl Figures {
    fn add(&mut self, value: i64, is_last: bool) {
        self.last = is_last.then_some(value);
        self.sum = self.sum.saturating_add(value);
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        self.seen += 1;
    }
}
