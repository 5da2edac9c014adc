//! From looks at a process to frames.

use rustc_hash::FxHashMap;
use snapshot::{Census, Cohort, Frame, Individual, StackState, StringId, Tables};

use crate::head::{CohortEntry, FrameEntry, Head};
use crate::row::Row;
use crate::wire;

/// Cohorts after which numbering begins anew: a page remembers every one that it was told.
const COHORTS_MAX: usize = 1 << 16;

/// What all who watch a process have been told of it.
#[derive(Debug, Default)]
pub struct Encoder {
    head: Head,
    /// Rows by place.
    rows: Vec<Row>,
    cohorts: Vec<CohortEntry>,
    frames: Vec<FrameEntry>,
    /// Numbers of cohorts, and of places in code, by what the census calls them.
    cohort_numbers: FxHashMap<Cohort, u32>,
    frame_numbers: FxHashMap<(StringId, StringId, u32), u32>,
    /// Generation of the census' tables.
    generation: Option<u64>,
}

impl Encoder {
    /// The frame for those who have had all before it. `individuals` are all goroutines of `census`, in the order of
    /// their places.
    pub fn advance(&mut self, census: &Census<'_>, individuals: &[Individual]) -> Vec<u8> {
        let is_everything = self.generation != Some(census.generation) || self.cohorts.len() > COHORTS_MAX;
        if is_everything {
            let number = self.head.number;
            *self = Encoder { head: Head { number, ..Head::default() }, ..Encoder::default() };
            self.generation = Some(census.generation);
        }
        let (known_cohorts, known_frames) = (self.cohorts.len(), self.frames.len());
        let numbers: Vec<u32> =
            census.cohorts.iter().map(|(cohort, _)| self.cohort(census, cohort)).collect();
        self.head = head(census, self.head.number + 1);
        let changed = self.update(individuals, &numbers);
        self.head.places = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        let new = Head {
            cohorts: self.cohorts.get(known_cohorts..).unwrap_or_default().to_vec(),
            frames: self.frames.get(known_frames..).unwrap_or_default().to_vec(),
            ..self.head.clone()
        };
        wire::write(&new, is_everything, &changed)
    }

    /// The last frame again, with everything in it: for whoever has had none. `None` before the first.
    pub fn key(&self) -> Option<Vec<u8>> {
        self.generation?;
        let head = Head { cohorts: self.cohorts.clone(), frames: self.frames.clone(), ..self.head.clone() };
        let rows = (0..).zip(&self.rows).filter(|(_, row)| row.cohort != 0);
        let rows: Vec<(u32, Row)> = rows.map(|(place, row)| (place, *row)).collect();
        Some(wire::write(&head, true, &rows))
    }

    /// Takes over what individuals are now, and gives what has changed. `numbers` has the numbers of cohorts by their
    /// index in the census.
    fn update(&mut self, individuals: &[Individual], numbers: &[u32]) -> Vec<(u32, Row)> {
        let places = individuals.last().map_or(0, |last| last.place as usize + 1);
        self.rows.resize(places.max(self.rows.len()), Row::EMPTY);
        let now_ms = self.head.at_monotonic_ms;
        let mut all = individuals.iter().peekable();
        let mut changed = Vec::new();
        for (place, row) in (0..).zip(&mut self.rows) {
            let mut now = Row::EMPTY;
            while let Some(individual) = all.next_if(|individual| individual.place <= place) {
                let cohort = numbers.get(individual.cohort as usize).copied().unwrap_or_default();
                now = Row::of(individual, cohort, now_ms);
            }
            if !row.is_as(&now) {
                *row = now;
                changed.push((place, now));
            }
        }
        changed
    }

    /// The number of a cohort.
    fn cohort(&mut self, census: &Census<'_>, cohort: &Cohort) -> u32 {
        if let Some(number) = self.cohort_numbers.get(cohort) {
            return *number;
        }
        let number = u32::try_from(self.cohorts.len() + 1).unwrap_or(u32::MAX);
        let tables = census.tables;
        let text = |id| tables.text(id).to_owned();
        let labels = tables.label_sets.get(cohort.labels).into_iter().flat_map(|set| set.0.iter());
        let shown = tables.shown_frames(cohort.stack);
        let stack = shown.into_iter().map(|frame| self.place(tables, frame)).collect();
        let mut place_of = |id| Some(self.place(tables, tables.frames.get(id)?));
        let (created_by, entry) =
            (cohort.created_by.and_then(&mut place_of), cohort.entry.and_then(place_of));
        self.cohorts.push(CohortEntry {
            cohort: number,
            status: cohort.status.name().to_owned(),
            reason: cohort.wait_reason.map(text),
            labels: labels.map(|(key, value)| (text(*key), text(*value))).collect(),
            missing: missing(tables, cohort).map(str::to_owned),
            is_runtime: cohort.is_runtime,
            locked_to_thread: cohort.locked_to_thread,
            stack,
            created_by,
            entry,
        });
        self.cohort_numbers.insert(*cohort, number);
        number
    }

    /// The number of a place in code.
    fn place(&mut self, tables: &Tables, frame: &Frame) -> u32 {
        let next = u32::try_from(self.frames.len()).unwrap_or(u32::MAX);
        let number = self.frame_numbers.entry((frame.function, frame.file, frame.line));
        *number.or_insert_with(|| {
            self.frames.push(FrameEntry {
                frame: next,
                function: tables.text(frame.function).to_owned(),
                file: tables.text(frame.file).to_owned(),
                line: frame.line,
            });
            next
        })
    }
}

/// Why a cohort has no stack, or not all of it.
fn missing(tables: &Tables, cohort: &Cohort) -> Option<&'static str> {
    let complete = tables.stacks.get(cohort.stack).is_some_and(|stack| stack.complete);
    match cohort.stack_state {
        StackState::Saved | StackState::Sampled | StackState::BlockedThread => {
            (!complete).then_some("incomplete")
        }
        StackState::Running => Some("running"),
        StackState::Secret => Some("secret"),
        StackState::NotTaken => Some("not taken"),
        StackState::Torn => Some("torn"),
        StackState::Unreadable => Some("unreadable"),
    }
}

/// What is new besides cohorts and rows.
fn head(census: &Census<'_>, number: u64) -> Head {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds since boot are far below 2^53")]
    let at_monotonic_ms = (census.taken_at_monotonic_ns / 1_000_000) as f64;
    Head {
        number,
        at_unix_ms: census.taken_at_unix_ms,
        at_monotonic_ms,
        scheduler: census.scheduler.clone(),
        cost: census.cost,
        gaps: census.gaps.clone(),
        ..Head::default()
    }
}
