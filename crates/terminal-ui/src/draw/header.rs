//! What is watched, how it is, and how well it can be seen.

use report::{Bars, short_duration, sparkline};
use snapshot::Status;

use super::painter::{Painter, Tone};
use crate::event::Progress;
use crate::keys::View;
use crate::layout::Area;
use crate::look::Look;
use crate::state::{State, Watch};
use crate::text::{printable, short_count, short_us, time_of_day};

/// The header of the overview.
pub(super) fn of_fleet(painter: &mut Painter<'_>, area: Area, state: &State) {
    let Some(fleet) = &state.overview.fleet else {
        painter.text(area, 0, 0, "gostat top: looking for Go processes ...", Tone::Title);
        return;
    };
    let readable = fleet.processes.iter().filter(|process| process.inside.is_ok()).count();
    let refused = fleet.processes.len() - readable;
    let total: u64 = fleet.processes.iter().filter_map(|process| process.goroutines()).sum();
    let x = painter.text(area, 0, 0, "gostat top", Tone::Title);
    let noun = if readable == 1 { "process" } else { "processes" };
    let text = format!("  {readable} Go {noun}, {} goroutines", short_count(total));
    let mut x = painter.text(area, 0, x, &text, Tone::Plain);
    if refused > 0 {
        let text = format!("  {refused} may not be looked into");
        x = painter.text(area, 0, x, &text, Tone::Warning);
    }
    if fleet.left_out > 0 {
        painter.text(area, 0, x, &format!("  {} more are not watched", fleet.left_out), Tone::Warning);
    }
    let facts = format!(
        "{}  every {}  look {}",
        time_of_day(fleet.taken_at_unix_ms),
        interval(state),
        short_us(fleet.took_us)
    );
    let mut x = painter.text(area, 1, 0, &facts, Tone::Faint);
    if let Some(filter) = &state.overview.filter {
        x = painter.text(area, 1, x, &format!("  filter: {filter}"), Tone::Warning);
    }
    trend(painter, area, 1, x.saturating_add(2), fleet.trend.iter().rev().copied());
}

/// The header of a target: name and cost, goroutines by state, and how it came to be.
pub(super) fn of_target(painter: &mut Painter<'_>, area: Area, state: &State, watch: &Watch) {
    let mut x = painter.text(area, 0, 0, &printable(&watch.name), Tone::Title);
    x = mode(painter, area, x, watch);
    let Some((look, _)) = watch.shown() else {
        painter.text(area, 0, x, "  attaching ...", Tone::Plain);
        return;
    };
    if let Some(recorded) = &watch.recorded {
        let text = format!("  REC {} in {}", recorded.moments, recorded.path.display());
        x = painter.text(area, 0, x, &printable(&text), Tone::Bad);
    }
    let lost = look.lost();
    if lost > 0 {
        x = painter.text(area, 0, x, &format!("  LOST {lost}"), Tone::Bad);
    }
    if look.missed > 0 {
        x = painter.text(area, 0, x, &format!("  LATE {}", look.missed), Tone::Warning);
    }
    let uptime = look.uptime_ms.map(|ms| format!(" up {}", short_duration(ms))).unwrap_or_default();
    let facts = format!("  pid {} {}{uptime}", look.target.pid, printable(&look.target.go_version));
    painter.text(area, 0, x, &facts, Tone::Plain);
    states(painter, area, look, watch);
    cost(painter, area, state, look, watch);
}

/// Live, held or replayed, and where.
fn mode(painter: &mut Painter<'_>, area: Area, x: u16, watch: &Watch) -> u16 {
    let (text, tone) = match (&watch.seen, &watch.gone) {
        (Some(seen), _) => {
            let place = seen.look.place.as_ref();
            let (at, of) = place.map_or((0, 0), |place| (place.index + 1, place.count()));
            let how = if watch.playing { "PLAY" } else { "REPLAY" };
            (format!("  {how} {at}/{of}"), Tone::Chosen)
        }
        (None, Some(_)) => ("  GONE".to_owned(), Tone::Bad),
        (None, None) => match watch.held {
            Some(held) => match watch.history.newer_than(held) {
                0 => ("  HELD".to_owned(), Tone::Warning),
                newer => (format!("  HELD, {newer} newer"), Tone::Warning),
            },
            None => ("  LIVE".to_owned(), Tone::Good),
        },
    };
    let mut x = painter.text(area, 0, x, &text, tone);
    if let (Some(_), Some(held)) = (&watch.gone, watch.held) {
        x = painter.text(area, 0, x, &format!(", {} newer", watch.history.newer_than(held)), Tone::Warning);
    }
    x
}

const STATES: [(Status, &str, char, Tone); 4] = [
    (Status::Running, "running", 'R', Tone::Good),
    (Status::Runnable, "runnable", 'q', Tone::Warning),
    (Status::Syscall, "syscall", 'S', Tone::Plain),
    (Status::Waiting, "waiting", 'w', Tone::Faint),
];

/// Counts by state, and a bar of them: each state by its own letter.
fn states(painter: &mut Painter<'_>, area: Area, look: &Look, watch: &Watch) {
    let mut x = painter.text(area, 1, 0, &format!("{} goroutines", look.total), Tone::Title);
    for (status, name, letter, tone) in STATES {
        let text = format!("  {letter} {} {name}", short_count(look.status(status)));
        x = painter.text(area, 1, x, &text, tone);
    }
    let shown: u64 = STATES.iter().map(|(status, ..)| look.status(*status)).sum();
    let others = (look.total + look.runtime).saturating_sub(shown);
    if others > 0 {
        x = painter.text(area, 1, x, &format!("  {} others", short_count(others)), Tone::Warning);
    }
    if let Some(arranged) = watch.arranged.as_ref().filter(|_| watch.query.filter.is_some()) {
        let text = match arranged.unfiltered {
            true => "  filter needs goroutines, not kept".to_owned(),
            false => format!("  {} match", short_count(arranged.matching)),
        };
        painter.text(area, 1, x, &text, Tone::Warning);
    }
}

/// The bar of states and the trend; when, how often, at what cost.
fn cost(painter: &mut Painter<'_>, area: Area, state: &State, look: &Look, watch: &Watch) {
    const BAR: u64 = 20;
    let all = (look.total + look.runtime).max(1);
    let mut x = painter.text(area, 2, 0, "[", Tone::Faint);
    let (mut sum, mut drawn) = (0, 0);
    for (status, _, letter, tone) in STATES {
        let count = look.status(status);
        sum += count;
        // Whoever is there has a cell, as long as there are cells.
        let end = (sum * BAR / all).max(drawn + u64::from(count > 0)).min(BAR);
        let cells = usize::try_from(end - drawn).unwrap_or(0);
        x = painter.text(area, 2, x, &letter.to_string().repeat(cells), tone);
        drawn = end;
    }
    let rest = usize::try_from(BAR - drawn).unwrap_or(0);
    x = painter.text(area, 2, x, &format!("{}]", ".".repeat(rest)), Tone::Faint);
    let at = time_of_day(look.taken_at_unix_ms);
    let facts = format!("  {at}  every {}  look {}", interval(state), short_us(look.cost.total_us));
    x = painter.text(area, 2, x, &facts, Tone::Faint);
    match look.place.as_ref() {
        Some(place) => {
            let totals = place.totals.iter().take(place.index + 1).rev().copied();
            trend(painter, area, 2, x.saturating_add(2), totals);
        }
        None => {
            let newer = watch.held.map_or(0, |held| watch.history.newer_than(held));
            trend(painter, area, 2, x.saturating_add(2), watch.history.totals().rev().skip(newer));
        }
    }
}

fn trend(painter: &mut Painter<'_>, area: Area, line: u16, x: u16, newest_first: impl Iterator<Item = u64>) {
    let room = usize::from(area.width.saturating_sub(x)).min(60);
    #[expect(clippy::cast_precision_loss, reason = "a bar has eight heights")]
    let mut values: Vec<Option<f64>> = newest_first.take(room).map(|total| Some(total as f64)).collect();
    values.reverse();
    painter.text(area, line, x, &sparkline(&values, bars(painter)), Tone::Good);
}

/// Of what sparklines are made.
pub(super) fn bars(painter: &Painter<'_>) -> Bars {
    if painter.theme.unicode { Bars::Unicode } else { Bars::Ascii }
}

fn interval(state: &State) -> String {
    let ms = u64::try_from(state.interval.as_millis()).unwrap_or(u64::MAX);
    if ms.is_multiple_of(1000) { short_duration(ms) } else { format!("{ms}ms") }
}

/// The names of the views.
pub(super) fn tabs(painter: &mut Painter<'_>, area: Area, watch: &Watch) {
    let mut x = 0;
    for (view, number) in View::ALL.into_iter().zip(1..) {
        let working = |progress: &Progress| matches!(progress, Progress::Working(_));
        let busy = match view {
            View::Leaks => watch.leaks.as_ref().is_some_and(working),
            View::Why => watch.why.as_ref().is_some_and(|(_, progress)| working(progress)),
            _ => false,
        };
        let (open, close) = if view == watch.view { ("[", "]") } else { (" ", " ") };
        let text = format!("{open}{number} {}{}{close}", view.name(), if busy { "*" } else { "" });
        let tone = if view == watch.view { Tone::Chosen } else { Tone::Plain };
        x = painter.text(area, 0, x, &text, tone);
    }
}
