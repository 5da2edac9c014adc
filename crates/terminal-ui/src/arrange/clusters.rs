//! Clusters in the order that was asked for, with their changes.

use std::cmp::Ordering;
use std::sync::Arc;

use analysis::Meanings;
use rustc_hash::FxHashMap;
use snapshot::{Goroutine, WaitingSince};

use super::{ClusterRow, Request};
use crate::cluster::{Cluster, ClusterKey, StackTexts, clusters};
use crate::look::CLUSTERS_MAX;
use crate::query::{ClusterColumn, Order};

/// The clusters of some goroutines.
pub(super) fn of(meanings: &Meanings<'_>, goroutines: &[&Goroutine]) -> Vec<Arc<Cluster>> {
    let all = clusters(meanings, goroutines.iter().copied(), &mut StackTexts::default());
    all.into_iter().take(CLUSTERS_MAX).map(Arc::new).collect()
}

/// Rows of some clusters of the request's look.
pub(super) fn rows(request: &Request, clusters: &[Arc<Cluster>]) -> Vec<ClusterRow> {
    let now = counts(&request.look.clusters);
    let before = request.before.as_ref().map(|look| counts(&look.clusters));
    let of = |counts: &FxHashMap<ClusterKey, u64>, key| counts.get(&key).copied().unwrap_or(0);
    let difference = |now: u64, then: u64| {
        i64::try_from(now).unwrap_or(i64::MAX) - i64::try_from(then).unwrap_or(i64::MAX)
    };
    let row = |cluster: &Arc<Cluster>| {
        let count = of(&now, cluster.key);
        ClusterRow {
            cluster: Arc::clone(cluster),
            since_last: before.as_ref().map(|before| difference(count, of(before, cluster.key))),
            since_start: before.as_ref().map(|_| difference(count, of(&request.first, cluster.key))),
        }
    };
    let mut rows: Vec<ClusterRow> = clusters.iter().map(row).collect();
    sort(&mut rows, request.query.clusters);
    rows
}

fn counts(clusters: &[Arc<Cluster>]) -> FxHashMap<ClusterKey, u64> {
    clusters.iter().map(|cluster| (cluster.key, cluster.count)).collect()
}

fn sort(rows: &mut [ClusterRow], order: Order<ClusterColumn>) {
    let compared = |a: &ClusterRow, b: &ClusterRow| -> Ordering {
        let (one, other) = (&*a.cluster, &*b.cluster);
        match order.column {
            ClusterColumn::Count => one.count.cmp(&other.count),
            ClusterColumn::SinceLast => a.since_last.cmp(&b.since_last),
            ClusterColumn::SinceStart => a.since_start.cmp(&b.since_start),
            ClusterColumn::Age => age(one).cmp(&age(other)),
            ClusterColumn::Doing => one.doing.cmp(&other.doing),
            ClusterColumn::Meaning => one.meaning.cmp(&other.meaning),
            ClusterColumn::Function => one.function.cmp(&other.function),
        }
    };
    rows.sort_by(|a, b| {
        let order = if order.falling { compared(b, a) } else { compared(a, b) };
        // The same order at every look.
        order
            .then_with(|| b.cluster.count.cmp(&a.cluster.count))
            .then_with(|| a.cluster.key.cmp(&b.cluster.key))
    });
}

fn age(cluster: &Cluster) -> Option<u64> {
    cluster.longest_wait.map(WaitingSince::ms)
}
