//! The past as text: processes, slots line by line, series line by line, what happened.

use std::io::{self, Write};
use std::time::{Duration, UNIX_EPOCH};

use agent::history::{
    FindingJson, HistoryAnswer, MarkJson, PastProcess, PastProcesses, SeriesJson, SlotJson, ValueJson,
};
use analysis::normal_name;
use report::{Align, Bars, Table, short_duration, sparkline};
use snapshot::Printable;

/// Processes that a heading names.
const NAMED_MAX: usize = 3;
const DAY_MS: u64 = 86_400_000;

/// A time as RFC 3339 has it.
pub(super) fn time(unix_ms: u64) -> String {
    let time = UNIX_EPOCH.checked_add(Duration::from_millis(unix_ms)).unwrap_or(UNIX_EPOCH);
    // What is later than humantime can show is no time that anybody has seen.
    if unix_ms > 253_402_300_799_000 {
        "?".to_owned()
    } else {
        humantime::format_rfc3339_seconds(time).to_string()
    }
}

fn or_dash<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

/// A list of processes.
pub(super) fn write_processes(listed: &PastProcesses, out: &mut impl Write) -> io::Result<()> {
    let mut table = Table::new(&[
        ("ID", Align::Left),
        ("GOROUTINES", Align::Right),
        ("FIRST SEEN", Align::Left),
        ("LAST SEEN", Align::Left),
        ("ENDED", Align::Left),
        ("GO", Align::Left),
        ("NAME", Align::Left),
        ("VERSION", Align::Left),
        ("MODULE", Align::Left),
    ]);
    for process in &listed.processes {
        table.row([
            process.id.clone(),
            or_dash(process.goroutines),
            time(process.first_seen_ms),
            time(process.last_seen_ms),
            or_dash(process.ended.map(in_words)),
            process.go_version.clone(),
            process.name.clone(),
            or_dash(process.module_version.as_deref()),
            or_dash(process.module.as_deref()),
        ]);
    }
    table.write(out)?;
    if listed.left_out > 0 {
        writeln!(out, "and {} more, seen longer ago", listed.left_out)?;
    }
    Ok(())
}

/// What the figures are of, and of when.
fn write_heading(answer: &HistoryAnswer, out: &mut impl Write) -> io::Result<()> {
    let named: Vec<String> = answer.processes.iter().take(NAMED_MAX).map(heading_of).collect();
    let more = answer.processes.len() - named.len();
    let more = if more > 0 { format!(" and {more} more, added up") } else { String::new() };
    let (from, to) = (time(answer.since_ms), time(answer.until_ms));
    let step = width(answer.step_ms);
    writeln!(out, "{}{more}", named.join(" + "))?;
    writeln!(out, "{from} to {to}, a slot is {step}, from {}", answer.level)
}

pub(super) fn heading_of(process: &PastProcess) -> String {
    let ended = process.ended.zip(process.ended_ms);
    let ended = ended.map(|(how, at_ms)| format!(", {} {}", in_words(how), time(at_ms))).unwrap_or_default();
    format!("{} ({}{})", Printable(&process.name), process.id, Printable(&ended))
}

/// How a record ended, in words.
fn in_words(how: &'static str) -> &'static str {
    match how {
        "executed" => "executed another program",
        "not_permitted" => "no longer permitted",
        "not_watched" => "no longer watched",
        "agent_stopped" => "agent stopped",
        "agent_killed" => "agent killed",
        how => how,
    }
}

/// A width, all of it: slots may be of half seconds, or of 90.
fn width(ms: u64) -> String {
    humantime::format_duration(Duration::from_millis(ms)).to_string()
}

/// One line a slot, one column a series. A gap is one line, however long.
pub(super) fn write_slots(answer: &HistoryAnswer, out: &mut impl Write) -> io::Result<()> {
    write_heading(answer, out)?;
    let is_total = answer.by == "total";
    let titles = titles(answer);
    let mut columns = vec![("TIME", Align::Left)];
    columns.extend(titles.iter().map(|title| (title.as_str(), Align::Right)));
    columns.push(("", Align::Left));
    let mut table = Table::new(&columns);
    let mut gap_ms = 0;
    for (index, slot) in answer.slots.iter().enumerate() {
        if slot.looks == 0 {
            gap_ms += answer.step_ms;
            let goes_on = answer.slots.get(index + 1).is_some_and(|next| next.looks == 0);
            if !goes_on {
                let begin = slot.start_ms.saturating_add(answer.step_ms).saturating_sub(gap_ms);
                let mut cells = vec![slot_time(answer, begin)];
                cells.extend(titles.iter().map(|_| "-".to_owned()));
                cells.push(format!("no looks for {}", short_duration(gap_ms)));
                table.row(cells);
                gap_ms = 0;
            }
            continue;
        }
        let mut cells = vec![slot_time(answer, slot.start_ms)];
        for series in &answer.series {
            let value = series.values.get(index).copied().flatten();
            cells.extend(value_cells(value, is_total && series.kind == "goroutines"));
        }
        cells.push(remark(slot));
        table.row(cells);
    }
    table.write(out)?;
    write_rest(answer, out)
}

fn titles(answer: &HistoryAnswer) -> Vec<String> {
    let mut titles = Vec::new();
    for series in &answer.series {
        // Reasons and labels are somebody's own words.
        let title = title(series);
        titles.push(if answer.by == "total" { title.to_uppercase() } else { title });
        if answer.by == "total" && series.kind == "goroutines" {
            titles.extend(["MIN", "MEAN", "MAX"].map(str::to_owned));
        }
    }
    titles
}

/// What a series is called.
fn title(series: &SeriesJson) -> String {
    let none = match series.kind {
        "reason" => "(not waiting)",
        "label" => "(no label)",
        "stack" => "(no functions)",
        "no_stack" => "(stack not taken)",
        "beyond_limit" => "(beyond limit)",
        "rest" => "(others)",
        kind => kind,
    };
    series.name.clone().unwrap_or_else(|| none.to_owned())
}

fn value_cells(value: Option<ValueJson>, all: bool) -> Vec<String> {
    let mut cells = vec![or_dash(value.and_then(|value| value.last))];
    if all {
        cells.push(or_dash(value.and_then(|value| value.min)));
        cells.push(or_dash(value.and_then(|value| value.mean).map(|mean| format!("{mean:.1}"))));
        cells.push(or_dash(value.and_then(|value| value.max)));
    }
    cells
}

fn slot_time(answer: &HistoryAnswer, start_ms: u64) -> String {
    let time = time(start_ms);
    let within_a_day = answer.since_ms / DAY_MS == answer.until_ms.saturating_sub(1) / DAY_MS;
    let (date, clock) = time.split_once('T').unwrap_or(("", &time));
    let mut clock = clock.trim_end_matches('Z').to_owned();
    if !answer.step_ms.is_multiple_of(1_000) {
        clock.push_str(&format!(".{:03}", start_ms % 1_000));
    }
    if within_a_day { clock } else { format!("{date} {clock}") }
}

/// What is to be known of a slot besides its figures.
fn remark(slot: &SlotJson) -> String {
    let counts_only = (slot.counts_only == slot.looks).then(|| "no stacks taken".to_owned());
    let unread = (slot.unread > 0).then(|| format!("{} could not be read", slot.unread));
    [counts_only, unread].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn write_rest(answer: &HistoryAnswer, out: &mut impl Write) -> io::Result<()> {
    let shown = answer.series.iter().filter(|series| series.kind != "rest").count();
    match answer.series_total.saturating_sub(shown) {
        0 => Ok(()),
        rest => writeln!(out, "and {rest} more, added up as (others); --top N tells more of them apart"),
    }
}

/// One line a series, with a bar for each slot.
pub(super) fn write_series(answer: &HistoryAnswer, bars: Bars, out: &mut impl Write) -> io::Result<()> {
    write_heading(answer, out)?;
    let mut table = Table::new(&[
        ("LAST", Align::Right),
        ("MIN", Align::Right),
        ("MEAN", Align::Right),
        ("MAX", Align::Right),
        ("CHANGE", Align::Right),
        ("TREND", Align::Left),
        ("FUNCTION", Align::Left),
    ]);
    for series in &answer.series {
        let means: Vec<Option<f64>> =
            series.values.iter().map(|value| value.and_then(|value| value.mean)).collect();
        table.row([
            or_dash(series.last),
            or_dash(series.min),
            or_dash(series.mean.map(|mean| format!("{mean:.1}"))),
            or_dash(series.max),
            or_dash(series.change.map(|change| format!("{change:+}"))),
            sparkline(&means, bars),
            place(series),
        ]);
    }
    table.write(out)?;
    write_rest(answer, out)?;
    for gap in &answer.gaps {
        let lasted = short_duration(gap.to_ms.saturating_sub(gap.from_ms));
        writeln!(out, "no looks from {} to {} ({lasted})", time(gap.from_ms), time(gap.to_ms))?;
    }
    Ok(())
}

/// The function that stands for a stack, with its line: several stacks may have the same one.
fn place(series: &SeriesJson) -> String {
    let (Some(stack), Some(name)) = (&series.stack, &series.name) else { return title(series) };
    if stack.is_runtime {
        return format!("{name} (runtime)");
    }
    let frame = stack.frames.iter().find(|frame| normal_name(&frame.function) == *name);
    let line = frame.and_then(|frame| Some((frame.file.rsplit('/').next()?, frame.line?)));
    line.map_or_else(|| name.clone(), |(file, line)| format!("{name} ({file}:{line})"))
}

/// Marks and findings, if they were asked for.
pub(super) fn write_happened(
    marks: Option<&[MarkJson]>,
    findings: Option<&[FindingJson]>,
    out: &mut impl Write,
) -> io::Result<()> {
    if let Some(marks) = marks {
        let mut table = Table::new(&[
            ("MARK", Align::Left),
            ("AT", Align::Left),
            ("OF", Align::Left),
            ("TEXT", Align::Left),
        ]);
        for mark in marks {
            let of = mark.process.as_deref().or(mark.service.as_deref()).unwrap_or("-");
            table.row([mark.kind, &time(mark.at_ms), of, &mark.text]);
        }
        writeln!(out)?;
        table.write(out)?;
    }
    if let Some(findings) = findings {
        let mut table = Table::new(&[
            ("FINDING", Align::Left),
            ("FIRST SEEN", Align::Left),
            ("LAST SEEN", Align::Left),
            ("TEXT", Align::Left),
        ]);
        for finding in findings {
            let sentence = finding.body.pointer("/face/sentence").and_then(|sentence| sentence.as_str());
            let (first, last) = (time(finding.first_ms), time(finding.last_ms));
            table.row([finding.state, &first, &last, sentence.unwrap_or(&finding.key)]);
        }
        writeln!(out)?;
        table.write(out)?;
    }
    Ok(())
}
