//! Who waits for whom, as JSON.

use std::io;

use analysis::blocking::{
    BlockingObject, Chain, ChainWait, ChainWaker, Deadlock, MergedEdge, MergedGraph, MergedNode,
    MergedNodeKind, Seen,
};
use serde::Serialize;
use snapshot::{Goroutine, GoroutineId, Snapshot, WaitingSince};

use super::goroutine::{LabelsJson, PlaceJson};
use super::wait_object::WaitObjectJson;
use super::{AddressJson, head, to_writer};
use crate::BlockingReport;
use crate::blocking::{place, remaining_ms};

/// Goroutines listed of a queue or a deadlock.
const IDS_LISTED: usize = 100;

#[derive(Serialize)]
struct WhyJson<'a> {
    target: head::TargetJson<'a>,
    snapshot: head::SnapshotJson<'a>,
    frozen_us: Option<u64>,
    missing: u64,
    chain: ChainJson<'a>,
    deadlocks: Vec<DeadlockJson>,
    gaps: Vec<head::GapJson>,
}

#[derive(Serialize)]
struct GraphJson<'a> {
    target: head::TargetJson<'a>,
    snapshot: head::SnapshotJson<'a>,
    frozen_us: Option<u64>,
    missing: u64,
    nodes: Vec<NodeJson<'a>>,
    edges: Vec<EdgeJson>,
    deadlocks: Vec<DeadlockJson>,
    gaps: Vec<head::GapJson>,
}

/// A goroutine in short.
#[derive(Serialize)]
struct BlockedJson<'a> {
    id: u64,
    status: &'static str,
    wait_reason: Option<&'a str>,
    waiting_since_ms: Option<u64>,
    at: Option<PlaceJson<'a>>,
    created_by: Option<PlaceJson<'a>>,
    labels: LabelsJson<'a>,
}

#[derive(Serialize)]
struct ChainJson<'a> {
    #[serde(flatten)]
    goroutine: Option<BlockedJson<'a>>,
    deadlocked: bool,
    seen: Option<&'static str>,
    cut: bool,
    waits: Vec<WaitJson<'a>>,
}

#[derive(Serialize)]
struct WaitJson<'a> {
    #[serde(flatten)]
    object: ObjectJson<'a>,
    position: Option<usize>,
    file: Option<u64>,
    wakers: Vec<WakerJson<'a>>,
    wakers_left_out: u64,
}

#[derive(Serialize)]
struct ObjectJson<'a> {
    object: WaitObjectJson,
    waiting: usize,
    queue: Vec<u64>,
    fires_in_ms: Option<u64>,
    complete: bool,
    variables: Vec<VariableJson<'a>>,
}

#[derive(Serialize)]
struct VariableJson<'a> {
    address: AddressJson,
    name: Option<&'a str>,
}

#[derive(Serialize)]
struct WakerJson<'a> {
    hold: &'static str,
    probable: bool,
    frame: Option<PlaceJson<'a>>,
    depth: u32,
    alike: u64,
    alike_ids: Vec<u64>,
    goroutine: ChainJson<'a>,
}

#[derive(Serialize)]
struct DeadlockJson {
    count: usize,
    goroutines: Vec<u64>,
    objects: Vec<AddressJson>,
    probable: bool,
    confirmed: bool,
}

#[derive(Serialize)]
struct NodeJson<'a> {
    id: usize,
    count: u64,
    deadlocked: bool,
    /// Of goroutines.
    ids: Vec<u64>,
    goroutine: Option<BlockedJson<'a>>,
    object: Option<ObjectJson<'a>>,
}

#[derive(Serialize)]
struct EdgeJson {
    from: usize,
    to: usize,
    kind: &'static str,
    hold: Option<&'static str>,
    probable: bool,
    count: u64,
}

fn ids(ids: impl Iterator<Item = GoroutineId>) -> Vec<u64> {
    ids.map(|id| id.0).take(IDS_LISTED).collect()
}

impl<'a> BlockedJson<'a> {
    fn new(snapshot: &'a Snapshot, goroutine: &'a Goroutine) -> Self {
        let at = place(snapshot, goroutine).map(|frame| PlaceJson::at(snapshot, frame));
        BlockedJson {
            id: goroutine.id.0,
            status: goroutine.status.name(),
            wait_reason: snapshot.wait_reason(goroutine),
            waiting_since_ms: goroutine.waiting_since.map(WaitingSince::ms),
            at,
            created_by: PlaceJson::of(snapshot, goroutine.created_by),
            labels: LabelsJson { snapshot, goroutine },
        }
    }
}

impl BlockingReport<'_> {
    /// Writes the tree that begins at a goroutine as one object. Fails only if `out` does.
    pub fn write_why_json(&self, chain: &Chain, out: &mut impl io::Write) -> io::Result<()> {
        let snapshot = self.graph.snapshot;
        let of_this = |d: &&Deadlock| d.goroutines.binary_search(&chain.goroutine).is_ok();
        let document = WhyJson {
            target: head::TargetJson::new(&snapshot.target),
            snapshot: head::SnapshotJson::new(snapshot),
            frozen_us: self.frozen_us,
            missing: self.graph.references.missing,
            chain: self.chain_json(chain),
            deadlocks: self.deadlocks_json(|deadlock| of_this(&deadlock)),
            gaps: snapshot.gaps.iter().map(head::GapJson::new).collect(),
        };
        let mut text = Vec::new();
        to_writer(&mut text, &document)?;
        text.push(b'\n');
        out.write_all(&text)
    }

    /// Writes the whole graph as one object. Fails only if `out` does.
    pub fn write_graph_json(&self, merged: &MergedGraph, out: &mut impl io::Write) -> io::Result<()> {
        let snapshot = self.graph.snapshot;
        let document = GraphJson {
            target: head::TargetJson::new(&snapshot.target),
            snapshot: head::SnapshotJson::new(snapshot),
            frozen_us: self.frozen_us,
            missing: self.graph.references.missing,
            nodes: merged.nodes.iter().enumerate().map(|(id, node)| self.node_json(id, node)).collect(),
            edges: merged.edges.iter().map(edge_json).collect(),
            deadlocks: self.deadlocks_json(|_| true),
            gaps: snapshot.gaps.iter().map(head::GapJson::new).collect(),
        };
        let mut text = Vec::new();
        to_writer(&mut text, &document)?;
        text.push(b'\n');
        out.write_all(&text)
    }

    fn chain_json(&self, chain: &Chain) -> ChainJson<'_> {
        let goroutine = self.graph.goroutine(chain.goroutine);
        ChainJson {
            goroutine: goroutine.map(|goroutine| BlockedJson::new(self.graph.snapshot, goroutine)),
            deadlocked: self.deadlock_of(chain.goroutine).is_some(),
            seen: chain.seen.map(|seen| match seen {
                Seen::OnPath => "on_path",
                Seen::Elsewhere => "elsewhere",
            }),
            cut: chain.cut,
            waits: chain.waits.iter().filter_map(|wait| self.wait_json(chain.goroutine, wait)).collect(),
        }
    }

    fn wait_json(&self, goroutine: usize, wait: &ChainWait) -> Option<WaitJson<'_>> {
        let object = self.graph.objects.get(wait.object)?;
        let id = self.graph.goroutine(goroutine)?.id;
        let queue = self.graph.references.of(object.object.address);
        let queued = queue.is_some_and(|known| known.queue.contains(&id) || known.senders.contains(&id));
        let position = object.waiters.iter().position(|waiter| *waiter == goroutine).filter(|_| queued);
        let file = self.graph.references.file_of(id).filter(|_| object.is_outside());
        Some(WaitJson {
            object: self.object_json(object),
            position: position.map(|position| position + 1),
            file,
            wakers: wait.wakers.iter().map(|waker| self.waker_json(waker)).collect(),
            wakers_left_out: wait.left_out,
        })
    }

    fn object_json(&self, object: &BlockingObject) -> ObjectJson<'_> {
        let variables = object
            .variables
            .iter()
            .map(|at| VariableJson { address: AddressJson(*at), name: self.graph.references.name_of(*at) });
        let when = match object.object.kind {
            snapshot::WaitObjectKind::Timer { when_ns } => when_ns,
            _ => object.deadline_ns,
        };
        ObjectJson {
            object: WaitObjectJson::new(&object.object),
            waiting: object.waiters.len(),
            queue: ids(object.waiters.iter().filter_map(|at| Some(self.graph.goroutine(*at)?.id))),
            fires_in_ms: when.map(|when| remaining_ms(self.graph, when).unwrap_or(0)),
            complete: object.complete,
            variables: variables.collect(),
        }
    }

    fn waker_json(&self, waker: &ChainWaker) -> WakerJson<'_> {
        WakerJson {
            hold: waker.waker.hold.name(),
            probable: waker.waker.hold.is_probable(),
            frame: PlaceJson::of(self.graph.snapshot, waker.waker.frame),
            depth: waker.waker.depth,
            alike: waker.alike,
            alike_ids: ids(waker.alike_ids.iter().copied()),
            goroutine: self.chain_json(&waker.chain),
        }
    }

    fn deadlocks_json(&self, wanted: impl Fn(&Deadlock) -> bool) -> Vec<DeadlockJson> {
        let with_verdict =
            self.deadlocks.iter().zip(&self.confirmed).filter(|(deadlock, _)| wanted(deadlock));
        let json = |(deadlock, confirmed): (&Deadlock, &bool)| DeadlockJson {
            count: deadlock.goroutines.len(),
            goroutines: ids(deadlock.goroutines.iter().filter_map(|at| Some(self.graph.goroutine(*at)?.id))),
            objects: deadlock
                .objects
                .iter()
                .filter_map(|at| Some(AddressJson(self.graph.objects.get(*at)?.object.address)))
                .take(IDS_LISTED)
                .collect(),
            probable: deadlock.probable,
            confirmed: *confirmed,
        };
        with_verdict.map(json).collect()
    }

    fn node_json(&self, id: usize, node: &MergedNode) -> NodeJson<'_> {
        let (mut goroutine, mut object) = (None, None);
        match node.kind {
            MergedNodeKind::Goroutines(at) => goroutine = self.graph.goroutine(at),
            MergedNodeKind::Objects(at) => object = self.graph.objects.get(at),
        }
        NodeJson {
            id,
            count: node.count,
            deadlocked: node.deadlocked,
            ids: ids(node.ids.iter().copied()),
            goroutine: goroutine.map(|goroutine| BlockedJson::new(self.graph.snapshot, goroutine)),
            object: object.map(|object| self.object_json(object)),
        }
    }
}

fn edge_json(edge: &MergedEdge) -> EdgeJson {
    EdgeJson {
        from: edge.from,
        to: edge.to,
        kind: if edge.hold.is_some() { "could_be_ended_by" } else { "waits_for" },
        hold: edge.hold.map(analysis::blocking::Hold::name),
        probable: edge.hold.is_some_and(analysis::blocking::Hold::is_probable),
        count: edge.count,
    }
}
