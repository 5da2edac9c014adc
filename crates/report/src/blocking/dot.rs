//! The graph in the language of graphviz.

use std::io;

use analysis::blocking::{Hold, MergedEdge, MergedGraph, MergedNode, MergedNodeKind};
use snapshot::Printable;

use super::BlockingReport;
use super::words::{counted, object_name, object_state, place_words};

impl BlockingReport<'_> {
    /// Writes a graph for `dot`. Fails only if `out` does.
    pub fn write_dot(&self, merged: &MergedGraph, out: &mut impl io::Write) -> io::Result<()> {
        writeln!(out, "digraph blocked {{")?;
        writeln!(out, "  rankdir=LR; node [fontname=\"monospace\", fontsize=10]; edge [fontsize=9];")?;
        for (id, node) in merged.nodes.iter().enumerate() {
            let label = self.label(node).iter().map(|line| escaped(line)).collect::<Vec<_>>().join("\\n");
            let shape = match node.kind {
                MergedNodeKind::Goroutines(_) => "box",
                MergedNodeKind::Objects(_) => "ellipse",
            };
            let colour = if node.deadlocked { ", color=red" } else { "" };
            writeln!(out, "  n{id} [shape={shape}, label=\"{label}\"{colour}];")?;
        }
        for edge in &merged.edges {
            let style = match edge.hold {
                None => "solid",
                Some(hold) if hold.is_probable() => "dashed",
                Some(_) => "dotted",
            };
            let label = escaped(&edge_label(edge));
            writeln!(out, "  n{} -> n{} [style={style}, label=\"{label}\"];", edge.from, edge.to)?;
        }
        writeln!(out, "}}")
    }

    /// The lines that say what a node is.
    pub(super) fn label(&self, node: &MergedNode) -> Vec<String> {
        let snapshot = self.graph.snapshot;
        match node.kind {
            MergedNodeKind::Goroutines(at) => {
                let Some(goroutine) = self.graph.goroutine(at) else { return Vec::new() };
                let state = snapshot.wait_reason(goroutine).unwrap_or(goroutine.status.name());
                let name = match node.count {
                    1 => format!("goroutine {}", goroutine.id.0),
                    count => format!("{} like {}", counted(count, "goroutine"), goroutine.id.0),
                };
                let place = super::place(snapshot, goroutine).map(|frame| place_words(snapshot, frame));
                let place = place.map(|place| place.replacen(' ', "\n", 1));
                let lines = place.unwrap_or_default();
                let mut label = vec![format!("{name} [{}]", Printable(state))];
                label.extend(lines.split('\n').filter(|line| !line.is_empty()).map(str::to_owned));
                label
            }
            MergedNodeKind::Objects(at) => {
                let Some(object) = self.graph.objects.get(at) else { return Vec::new() };
                let mut label = vec![object_name(object)];
                if node.count > 1 {
                    label.push(format!("and {} like it", node.count - 1));
                } else {
                    label.push(object_state(self.graph, object).join(", "));
                }
                label.retain(|line| !line.is_empty());
                label
            }
        }
    }
}

/// What an edge says.
pub(super) fn edge_label(edge: &MergedEdge) -> String {
    let what = match edge.hold {
        None => "waits for",
        Some(hold) if hold.is_probable() => "probably held by",
        Some(Hold::PendingWriter) => "behind writer",
        Some(Hold::Stack) => "on stack of",
        Some(_) => "reachable by",
    };
    if edge.count > 1 { format!("{what} ({})", edge.count) } else { what.into() }
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}
