//! What has changed between two moments, as text and as JSON.

use std::collections::BTreeMap;
use std::io;

use analysis::{CodePlace, Difference, GroupChange, StateCounts};
use serde::Serialize;
use snapshot::Printable;

use crate::json::to_writer;

/// A comparison of two notes of a process.
#[derive(Debug)]
pub struct DifferenceReport<'a> {
    /// The earlier note.
    pub before: NoteReport<'a>,
    /// The later one.
    pub after: NoteReport<'a>,
    /// What has changed.
    pub difference: &'a Difference,
    /// Groups that are shown, if not all are.
    pub limit: Option<usize>,
}

/// Where one side of a comparison comes from.
#[derive(Debug, Serialize)]
pub struct NoteReport<'a> {
    /// The file, as it was named.
    pub source: &'a str,
    /// What it is: `recording`, `json`, `text` or `pprof`.
    pub format: &'static str,
    /// The number of the moment in a recording, from 1.
    pub moment: Option<usize>,
    /// Wall clock, milliseconds since the Unix epoch, if it is known.
    pub taken_at_unix_ms: Option<u64>,
    /// The same for people.
    #[serde(skip)]
    pub taken_at: Option<String>,
    /// All goroutines but the runtime's own.
    #[serde(skip)]
    pub counts: &'a StateCounts,
}

#[derive(Serialize)]
struct Note<'a> {
    #[serde(flatten)]
    note: &'a NoteReport<'a>,
    goroutines: u64,
}

#[derive(Serialize)]
struct ReportJson<'a> {
    before: Note<'a>,
    after: Note<'a>,
    by_creator: bool,
    by_state: bool,
    by_status: BTreeMap<&'a str, Pair>,
    by_wait_reason: BTreeMap<&'a str, Pair>,
    changed_groups: usize,
    unchanged_groups: u64,
    groups: Vec<GroupJson<'a>>,
}

/// A count in both notes.
#[derive(Serialize, Clone, Copy)]
struct Pair {
    before: u64,
    after: u64,
}

#[derive(Serialize)]
struct GroupJson<'a> {
    change: &'static str,
    before: u64,
    after: u64,
    fingerprint: Option<String>,
    by_status: BTreeMap<&'a str, Pair>,
    by_wait_reason: BTreeMap<&'a str, Pair>,
    created_by: Option<PlaceJson<'a>>,
    stack: Vec<PlaceJson<'a>>,
}

#[derive(Serialize)]
struct PlaceJson<'a> {
    function: &'a str,
    file: &'a str,
    line: Option<u32>,
}

impl<'a> PlaceJson<'a> {
    fn of(place: &'a CodePlace) -> Self {
        let CodePlace { function, file, line } = place;
        PlaceJson { function, file, line: (*line != 0).then_some(*line) }
    }
}

impl DifferenceReport<'_> {
    /// Writes one JSON object on one line.
    ///
    /// # Errors
    /// Only if `out` fails.
    pub fn write_json(&self, out: &mut impl io::Write) -> io::Result<()> {
        let (before, after) = (self.before.counts, self.after.counts);
        let report = ReportJson {
            before: Note { note: &self.before, goroutines: before.total },
            after: Note { note: &self.after, goroutines: after.total },
            by_creator: self.difference.by_creator,
            by_state: self.difference.by_state,
            by_status: self.states(before, after),
            by_wait_reason: self.reasons(before, after),
            changed_groups: self.difference.groups.len(),
            unchanged_groups: self.difference.unchanged_groups,
            groups: self.shown().map(|group| self.group_json(group)).collect(),
        };
        let mut text = Vec::new();
        to_writer(&mut text, &report)?;
        text.push(b'\n');
        out.write_all(&text)
    }

    /// Writes it for people: totals, then the groups, the largest change first.
    ///
    /// # Errors
    /// Only if `out` fails.
    pub fn write(&self, out: &mut impl io::Write) -> io::Result<()> {
        for (word, note) in [("before:", &self.before), ("after: ", &self.after)] {
            write!(out, "{word} {} goroutines, {}", note.counts.total, Printable(note.source))?;
            if let Some(number) = note.moment {
                write!(out, ", moment {number}")?;
            }
            let taken = note.taken_at.as_ref().map(|at| format!(", {at}"));
            writeln!(out, "{}", taken.unwrap_or_default())?;
        }
        let (before, after) = (self.before.counts, self.after.counts);
        let (states, reasons) = (self.states(before, after), self.reasons(before, after));
        for (word, pair) in states.into_iter().chain(reasons).filter(|(_, pair)| pair.before != pair.after) {
            writeln!(out, "  {}: {}", Printable(word), pair.text())?;
        }
        for group in self.shown() {
            writeln!(out)?;
            self.write_group(group, out)?;
        }
        let (changed, shown) = (self.difference.groups.len(), self.shown().count());
        let hidden = if shown < changed { format!(" ({shown} shown)") } else { String::new() };
        let unchanged = self.difference.unchanged_groups;
        writeln!(out, "\n{changed} groups changed{hidden}, {unchanged} did not")
    }

    fn states<'a>(&self, before: &'a StateCounts, after: &'a StateCounts) -> BTreeMap<&'a str, Pair> {
        self.pairs(&before.by_status, &after.by_status)
    }

    fn reasons<'a>(&self, before: &'a StateCounts, after: &'a StateCounts) -> BTreeMap<&'a str, Pair> {
        self.pairs(&before.by_wait_reason, &after.by_wait_reason)
    }

    /// The counts of all words that occur in one of two notes; none if one of them has no such words.
    fn pairs<'a>(
        &self,
        before: &'a BTreeMap<String, u64>,
        after: &'a BTreeMap<String, u64>,
    ) -> BTreeMap<&'a str, Pair> {
        let count = |counts: &BTreeMap<String, u64>, word: &str| counts.get(word).copied().unwrap_or(0);
        let words =
            before.keys().chain(after.keys()).map(String::as_str).filter(|_| self.difference.by_state);
        words.map(|word| (word, Pair { before: count(before, word), after: count(after, word) })).collect()
    }

    fn group_json<'a>(&self, group: &'a GroupChange) -> GroupJson<'a> {
        let (before, after) = (&group.before, &group.after);
        GroupJson {
            change: group.kind.name(),
            before: before.total,
            after: after.total,
            fingerprint: group.fingerprint.map(|fingerprint| fingerprint.to_string()),
            by_status: self.states(before, after),
            by_wait_reason: self.reasons(before, after),
            created_by: group.created_by.as_ref().map(PlaceJson::of),
            stack: group.stack.iter().map(PlaceJson::of).collect(),
        }
    }

    fn write_group(&self, group: &GroupChange, out: &mut impl io::Write) -> io::Result<()> {
        let (before, after) = (&group.before, &group.after);
        let total = Pair { before: before.total, after: after.total };
        write!(out, "{}: {}", group.kind.name(), total.text())?;
        // Waiting is said by its reasons.
        let states = self.states(before, after).into_iter().filter(|(word, _)| *word != "waiting");
        for (word, pair) in states.chain(self.reasons(before, after)) {
            write!(out, ", {} {} -> {}", Printable(word), pair.before, pair.after)?;
        }
        writeln!(out)?;
        if group.stack.is_empty() {
            writeln!(out, "    no stack")?;
        }
        for place in &group.stack {
            write_place("", place, out)?;
        }
        group.created_by.as_ref().map_or(Ok(()), |place| write_place("created by ", place, out))
    }

    fn shown(&self) -> impl Iterator<Item = &GroupChange> {
        self.difference.groups.iter().take(self.limit.unwrap_or(usize::MAX))
    }
}

impl Pair {
    fn text(self) -> String {
        let Pair { before, after } = self;
        let sign = if after < before { '-' } else { '+' };
        format!("{before} -> {after} ({sign}{})", before.abs_diff(after))
    }
}

fn write_place(before: &str, place: &CodePlace, out: &mut impl io::Write) -> io::Result<()> {
    let CodePlace { function, file, line } = place;
    writeln!(out, "    {before}{}\n        {}:{line}", Printable(function), Printable(file))
}
