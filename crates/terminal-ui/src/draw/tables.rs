//! The tables: processes, clusters, goroutines. Only the rows that are seen are made.

use analysis::own_function;
use report::{short_duration, sparkline};
use snapshot::{Goroutine, Snapshot, Status};

use super::grid::{Column, Grid, left, right};
use super::header::bars;
use super::painter::{Painter, Tone};
use crate::arrange::ClusterRow;
use crate::fleet::FleetProcess;
use crate::layout::Layout;
use crate::query::{ClusterColumn, GoroutineColumn, ProcessColumn};
use crate::state::panes::age;
use crate::state::watch::goroutine_at;
use crate::state::{Overview, Watch};
use crate::text::{change, printable, short_count, short_function};

const PROCESSES: [Column; 9] = [
    right("PID", 7, 0),
    right("GOROUTINES", 11, 1),
    right("CHANGE", 7, 4),
    right("RUN", 5, 6),
    right("UPTIME", 7, 5),
    left("GO", 10, 3),
    left("TREND", 16, 7),
    left("NAME", 16, 0),
    left("MODULE", 12, 8),
];

/// Which column of the table is a column to sort by.
fn place<C: crate::query::Column>(column: C) -> usize {
    C::ALL.iter().position(|known| *known == column).unwrap_or(0)
}

/// The table of all processes.
pub(super) fn processes(painter: &mut Painter<'_>, layout: &Layout, overview: &Overview) {
    let grid = Grid::new(PROCESSES, layout.body.width);
    let by = match overview.order.column {
        ProcessColumn::Name => 7,
        column => place(column),
    };
    grid.titles(painter, layout.titles, Some((by, overview.order.falling)));
    let offset = overview.cursor.offset;
    for line in 0..layout.body.height {
        let row = offset + usize::from(line);
        let Some(process) = overview.process(row) else { break };
        grid.row(painter, layout.body, line, &process_cells(painter, process));
        if row == overview.cursor.index {
            painter.line(layout.body, line, Tone::Selected);
        }
    }
    if overview.rows.is_empty() && overview.fleet.is_some() {
        let text = match &overview.filter {
            Some(_) => "no process matches the filter; Esc clears it",
            None => "no Go process is running that gostat can see; gostat doctor says what it may see",
        };
        painter.text(layout.body, 0, 0, text, Tone::Warning);
    }
}

fn process_cells(painter: &Painter<'_>, process: &FleetProcess) -> [(String, Tone); 9] {
    let plain = |text: String| (text, Tone::Plain);
    #[expect(clippy::cast_precision_loss, reason = "a bar has eight heights")]
    let trend: Vec<Option<f64>> =
        process.trend.iter().rev().take(16).rev().map(|total| Some(*total as f64)).collect();
    let uptime = plain(process.uptime_ms.map(short_duration).unwrap_or_default());
    let (pid, name) = (plain(process.pid.to_string()), plain(printable(&process.name)));
    match &process.inside {
        Ok(inside) => {
            let tone = if process.change() > 0 { Tone::Warning } else { Tone::Plain };
            let lost = if inside.lost > 0 { format!("LOST {} ", inside.lost) } else { String::new() };
            [
                pid,
                plain(inside.goroutines.to_string()),
                (change(process.change()), tone),
                plain(short_count(process.running())),
                uptime,
                plain(printable(&inside.go_version)),
                (sparkline(&trend, bars(painter)), Tone::Good),
                name,
                plain(format!("{lost}{}", printable(&inside.module))),
            ]
        }
        Err(trouble) => {
            let unknown = || ("?".to_owned(), Tone::Faint);
            let refused = (printable(&trouble.cause), Tone::Bad);
            let name = (format!("{} (refused)", name.0), Tone::Bad);
            [pid, unknown(), unknown(), unknown(), uptime, unknown(), unknown(), name, refused]
        }
    }
}

const CLUSTERS: [Column; 7] = [
    right("COUNT", 7, 0),
    right("LAST", 6, 3),
    right("START", 6, 5),
    right("AGE", 7, 2),
    left("DOING", 16, 1),
    left("MEANING", 18, 4),
    left("FUNCTION", 12, 0),
];

/// The table of clusters.
pub(super) fn clusters(painter: &mut Painter<'_>, layout: &Layout, watch: &Watch) {
    let grid = Grid::new(CLUSTERS, layout.body.width);
    let order = watch.query.clusters;
    grid.titles(painter, layout.titles, Some((place::<ClusterColumn>(order.column), order.falling)));
    let Some(arranged) = &watch.arranged else { return };
    let offset = watch.clusters.offset;
    for (line, row) in (0..layout.body.height).zip(arranged.clusters.iter().skip(offset)) {
        grid.row(painter, layout.body, line, &cluster_cells(row));
        if offset + usize::from(line) == watch.clusters.index {
            painter.line(layout.body, line, Tone::Selected);
        }
    }
    let rows = arranged.clusters.len().saturating_sub(offset);
    let line = u16::try_from(rows).unwrap_or(u16::MAX);
    if arranged.clusters.is_empty() {
        painter.text(layout.body, 0, 0, "no goroutine matches; Esc clears the filter", Tone::Warning);
    } else if arranged.look.clusters_left_out > 0 {
        let text = format!("{} smaller clusters are not listed", arranged.look.clusters_left_out);
        painter.text(layout.body, line, 0, &text, Tone::Faint);
    }
}

fn cluster_cells(row: &ClusterRow) -> [(String, Tone); 7] {
    let cluster = &row.cluster;
    let plain = if cluster.is_runtime { Tone::Faint } else { Tone::Plain };
    let rising = |by: Option<i64>| {
        let tone = if by.is_some_and(|by| by > 0) { Tone::Warning } else { plain };
        (by.map(change).unwrap_or_default(), tone)
    };
    let runtime = if cluster.is_runtime { " (runtime)" } else { "" };
    [
        (short_count(cluster.count), plain),
        rising(row.since_last),
        rising(row.since_start),
        (cluster.longest_wait.map(age).unwrap_or_default(), plain),
        (cluster.doing.clone(), tone_of(cluster.status, plain)),
        (cluster.meaning.clone(), plain),
        (format!("{}{runtime}", short_function(&cluster.function)), plain),
    ]
}

fn tone_of(status: Status, otherwise: Tone) -> Tone {
    match status {
        Status::Running => Tone::Good,
        Status::Runnable => Tone::Warning,
        Status::Leaked => Tone::Bad,
        _ => otherwise,
    }
}

const GOROUTINES: [Column; 7] = [
    right("ID", 9, 0),
    left("STATE", 9, 1),
    right("AGE", 7, 2),
    left("REASON", 18, 3),
    right("M", 4, 5),
    right("P", 3, 6),
    left("FUNCTION", 12, 0),
];

/// The table of goroutines.
pub(super) fn goroutines(painter: &mut Painter<'_>, layout: &Layout, watch: &Watch) {
    let grid = Grid::new(GOROUTINES, layout.body.width);
    let order = watch.query.goroutines;
    let by = match order.column {
        GoroutineColumn::Function => 6,
        column => place(column),
    };
    grid.titles(painter, layout.titles, Some((by, order.falling)));
    let Some(arranged) = &watch.arranged else { return };
    let Some(snapshot) = &arranged.look.snapshot else {
        let text =
            "single goroutines of this moment are not kept any more, to save memory; 1 shows its clusters";
        painter.text(layout.body, 0, 0, text, Tone::Warning);
        return;
    };
    let offset = watch.goroutines.offset;
    for line in 0..layout.body.height {
        let row = offset + usize::from(line);
        let Some(goroutine) = goroutine_at(arranged, row) else { break };
        grid.row(painter, layout.body, line, &goroutine_cells(snapshot, goroutine));
        if row == watch.goroutines.index {
            painter.line(layout.body, line, Tone::Selected);
        }
    }
    if arranged.goroutines.is_empty() && arranged.number == watch.requested {
        painter.text(layout.body, 0, 0, "no goroutine matches; Esc goes back", Tone::Warning);
    }
}

fn goroutine_cells(snapshot: &Snapshot, goroutine: &Goroutine) -> [(String, Tone); 7] {
    let plain = if goroutine.is_runtime { Tone::Faint } else { Tone::Plain };
    let known = |number: Option<String>| (number.unwrap_or_default(), plain);
    let tables = &snapshot.tables;
    let entry = goroutine.entry.and_then(|id| tables.frames.get(id)).map(|frame| tables.text(frame.function));
    let function = own_function(tables, goroutine.stack).or(entry).unwrap_or("(no stack)");
    [
        (goroutine.id.0.to_string(), plain),
        (goroutine.status.name().to_owned(), tone_of(goroutine.status, plain)),
        known(goroutine.waiting_since.map(age)),
        known(snapshot.wait_reason(goroutine).map(printable)),
        known(goroutine.m.map(|m| m.to_string())),
        known(goroutine.p.map(|p| p.to_string())),
        (printable(short_function(function)), plain),
    ]
}
