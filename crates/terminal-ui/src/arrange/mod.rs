//! Filtering, grouping and sorting a look: what may take long, so it is done beside the thread that draws.

mod clusters;
mod goroutines;

use std::sync::Arc;

use analysis::{Meanings, Rules};
use rustc_hash::FxHashMap;

use crate::cluster::{Cluster, ClusterKey};
use crate::look::Look;
use crate::query::Query;

/// A look, and what is asked of it.
#[derive(Debug, Clone)]
pub struct Request {
    /// The look.
    pub look: Arc<Look>,
    /// The one before it, for changes.
    pub before: Option<Arc<Look>>,
    /// Clusters of the first look, for changes.
    pub first: Arc<FxHashMap<ClusterKey, u64>>,
    /// What is asked.
    pub query: Query,
    /// Counts requests, so that answers can be told apart.
    pub number: u64,
}

/// What a request came to.
#[derive(Debug, Clone)]
pub struct Arranged {
    /// The number of the request.
    pub number: u64,
    /// The look.
    pub look: Arc<Look>,
    /// Clusters in order.
    pub clusters: Vec<ClusterRow>,
    /// Goroutines in order: indexes in the snapshot. Empty where they were not asked for, or have been given up.
    pub goroutines: Vec<u32>,
    /// How many goroutines match.
    pub matching: u64,
    /// Whether the filter could not be used, since single goroutines of this moment are not kept any more.
    pub unfiltered: bool,
}

/// A cluster, and how it changed.
#[derive(Debug, Clone)]
pub struct ClusterRow {
    /// The cluster, as far as the filter lets it through.
    pub cluster: Arc<Cluster>,
    /// More or fewer than at the look before: of the whole cluster, whatever the filter.
    pub since_last: Option<i64>,
    /// More or fewer than at the first look.
    pub since_start: Option<i64>,
}

/// Answers a request. Takes some time for a million goroutines; changes nothing.
pub fn arrange(rules: &Rules, request: &Request) -> Arranged {
    let Request { look, query, number, .. } = request;
    let mut arranged = Arranged {
        number: *number,
        look: Arc::clone(look),
        clusters: Vec::new(),
        goroutines: Vec::new(),
        matching: look.total + look.runtime,
        unfiltered: look.snapshot.is_none() && query.filter.is_some(),
    };
    let Some(snapshot) = &look.snapshot else {
        arranged.clusters = clusters::rows(request, &look.clusters);
        return arranged;
    };
    let meanings = Meanings::new(rules, snapshot);
    let chosen = query.filter.as_ref().map(|condition| condition.filter.select(&meanings));
    arranged.clusters = match &chosen {
        None => clusters::rows(request, &look.clusters),
        Some(chosen) => {
            arranged.matching = chosen.len() as u64;
            clusters::rows(request, &clusters::of(&meanings, chosen))
        }
    };
    if query.wants_goroutines {
        arranged.goroutines = goroutines::order(snapshot, query, chosen.as_deref());
    }
    arranged
}
