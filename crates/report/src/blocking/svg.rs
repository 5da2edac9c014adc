//! The graph as a picture.

use std::io;

use analysis::blocking::{MergedGraph, MergedNodeKind};

use super::BlockingReport;
use super::dot::edge_label;
use super::layers::layers;

/// Sizes, in pixels.
const CHARACTER: usize = 6;
const LINE: usize = 14;
const PADDING: usize = 8;
const BETWEEN_LAYERS: usize = 140;
const BETWEEN_NODES: usize = 24;
/// Longer lines are cut.
const CHARACTERS_MAX: usize = 60;

/// A node on the picture.
#[derive(Debug, Clone, Default)]
struct Place {
    x: usize,
    y: usize,
    width: usize,
    height: usize,
    lines: Vec<String>,
}

impl BlockingReport<'_> {
    /// Draws a graph: goroutines are boxes, objects are round, members of deadlocks red. Fails only if `out` does.
    pub fn write_svg(&self, merged: &MergedGraph, out: &mut impl io::Write) -> io::Result<()> {
        let (places, width, height) = self.places(merged);
        writeln!(
            out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" font-family=\"monospace\" font-size=\"10\">"
        )?;
        writeln!(
            out,
            "<defs><marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"8\" \
             markerHeight=\"8\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\"/></marker></defs>"
        )?;
        writeln!(out, "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>")?;
        for edge in &merged.edges {
            if let (Some(from), Some(to)) = (places.get(edge.from), places.get(edge.to)) {
                let dashes = match edge.hold {
                    None => "",
                    Some(hold) if hold.is_probable() => " stroke-dasharray=\"6 3\"",
                    Some(_) => " stroke-dasharray=\"2 3\"",
                };
                write_edge(from, to, dashes, &edge_label(edge), out)?;
            }
        }
        for (node, place) in merged.nodes.iter().zip(&places) {
            let round = match node.kind {
                MergedNodeKind::Goroutines(_) => 2,
                MergedNodeKind::Objects(_) => place.height / 2,
            };
            let stroke = if node.deadlocked { "#c00" } else { "#333" };
            let Place { x, y, width, height, lines } = place;
            writeln!(
                out,
                "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"{round}\" fill=\"#fff\" \
                 stroke=\"{stroke}\"/>"
            )?;
            for (number, line) in lines.iter().enumerate() {
                let (x, y) = (x + width / 2, y + PADDING + LINE * number + LINE * 3 / 4);
                writeln!(out, "<text x=\"{x}\" y=\"{y}\" text-anchor=\"middle\">{}</text>", escaped(line))?;
            }
        }
        writeln!(out, "</svg>")
    }

    fn places(&self, merged: &MergedGraph) -> (Vec<Place>, usize, usize) {
        let edges: Vec<(usize, usize)> = merged.edges.iter().map(|edge| (edge.from, edge.to)).collect();
        let mut places = vec![Place::default(); merged.nodes.len()];
        let (mut x, mut bottom) = (PADDING, 0);
        for layer in layers(merged.nodes.len(), &edges) {
            let (mut y, mut widest) = (PADDING, 0);
            for index in layer {
                let (Some(node), Some(place)) = (merged.nodes.get(index), places.get_mut(index)) else {
                    continue;
                };
                let lines: Vec<String> = self.label(node).iter().map(|line| shortened(line)).collect();
                let longest = lines.iter().map(|line| line.chars().count()).max().unwrap_or_default();
                let width = longest * CHARACTER + 4 * PADDING;
                let height = lines.len() * LINE + 2 * PADDING;
                *place = Place { x, y, width, height, lines };
                y += height + BETWEEN_NODES;
                widest = widest.max(width);
            }
            x += widest + BETWEEN_LAYERS;
            bottom = bottom.max(y);
        }
        (places, x, bottom)
    }
}

/// An edge, from right to left if it leads on, bent below if it leads back.
fn write_edge(
    from: &Place,
    to: &Place,
    dashes: &str,
    label: &str,
    out: &mut impl io::Write,
) -> io::Result<()> {
    let (x1, y1) = (from.x + from.width, from.y + from.height / 2);
    let (x2, y2) = (to.x, to.y + to.height / 2);
    let (path, label_x, label_y) = if x2 > x1 {
        let middle = usize::midpoint(x1, x2);
        (format!("M{x1} {y1}C{middle} {y1} {middle} {y2} {x2} {y2}"), middle, usize::midpoint(y1, y2))
    } else {
        let (x1, x2) = (from.x + from.width / 2, to.x + to.width / 2);
        let (y1, y2) = (from.y + from.height, to.y + to.height);
        let below = y1.max(y2) + BETWEEN_NODES * 3 / 4;
        (format!("M{x1} {y1}C{x1} {below} {x2} {below} {x2} {y2}"), usize::midpoint(x1, x2), below)
    };
    writeln!(
        out,
        "<path d=\"{path}\" fill=\"none\" stroke=\"#666\"{dashes} marker-end=\"url(#arrow)\"/>\
         <text x=\"{label_x}\" y=\"{label_y}\" text-anchor=\"middle\" fill=\"#666\" font-size=\"9\">{}</text>",
        escaped(label)
    )
}

fn shortened(line: &str) -> String {
    let count = line.chars().count();
    if count <= CHARACTERS_MAX {
        return line.to_owned();
    }
    // The end of a path says more than its beginning.
    let end: String = line.chars().skip(count - CHARACTERS_MAX + 1).collect();
    format!("…{end}")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
