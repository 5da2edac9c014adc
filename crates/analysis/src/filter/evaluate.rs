//! Testing goroutines against a filter.

use rustc_hash::FxHashMap;
use snapshot::{Frame, FrameId, Goroutine, Snapshot, StackId, WaitingSince};

use super::field::{Mark, NumberField, Term, TextField, TextTest};
use super::{Expression, Filter};
use crate::meaning::Meanings;
use crate::package::package_of;
use crate::wait_class::WaitClass;

/// Tests goroutines of one snapshot, remembering what it found out about stacks.
pub(super) struct Evaluator<'a> {
    filter: &'a Filter,
    snapshot: &'a Snapshot,
    meanings: &'a Meanings<'a>,
    /// For each term, whether some frame of a stack passes it.
    stacks: Vec<FxHashMap<StackId, bool>>,
}

impl<'a> Evaluator<'a> {
    pub(super) fn new(filter: &'a Filter, meanings: &'a Meanings<'a>) -> Self {
        let stacks = vec![FxHashMap::default(); filter.terms.len()];
        Evaluator { filter, snapshot: meanings.snapshot(), meanings, stacks }
    }

    pub(super) fn matches(&mut self, goroutine: &Goroutine) -> bool {
        self.holds(&self.filter.expression, goroutine)
    }

    fn holds(&mut self, expression: &Expression, goroutine: &Goroutine) -> bool {
        match expression {
            Expression::And(left, right) => self.holds(left, goroutine) && self.holds(right, goroutine),
            Expression::Or(left, right) => self.holds(left, goroutine) || self.holds(right, goroutine),
            Expression::Not(inner) => !self.holds(inner, goroutine),
            Expression::Term(index) => self.term_holds(*index, goroutine),
        }
    }

    fn term_holds(&mut self, index: usize, goroutine: &Goroutine) -> bool {
        let snapshot = self.snapshot;
        let Some(term) = self.filter.terms.get(index) else { return false };
        match term {
            Term::Mark(Mark::Locked) => goroutine.locked_to_thread,
            Term::Mark(Mark::Runtime) => goroutine.is_runtime,
            Term::Mark(Mark::Scanning) => goroutine.scanning,
            Term::Number(field, comparison, value) => {
                number(goroutine, *field).is_some_and(|number| comparison.holds(number, *value))
            }
            Term::Age(comparison, ms) => {
                goroutine.waiting_since.map(WaitingSince::ms).is_some_and(|age| comparison.holds(age, *ms))
            }
            Term::On(address) => snapshot.waiting_on(goroutine).iter().any(|on| on.address == *address),
            Term::Text(field, test) => match field {
                TextField::State => test.holds(goroutine.status.name()),
                TextField::Reason => snapshot.wait_reason(goroutine).is_some_and(|reason| test.holds(reason)),
                TextField::Waits => {
                    snapshot.wait_reason(goroutine).is_some_and(|r| test.holds(WaitClass::of(r).name()))
                }
                TextField::CreatedBy => function(snapshot, goroutine.created_by, test),
                TextField::Entry => function(snapshot, goroutine.entry, test),
                TextField::Label(key) => {
                    snapshot.labels(goroutine).any(|(name, value)| name == key && test.holds(value))
                }
                TextField::Meaning => self.meanings.of(goroutine).name().is_some_and(|name| test.holds(name)),
                TextField::Owner => {
                    self.meanings.of(goroutine).owner.as_deref().is_some_and(|o| test.holds(o))
                }
                TextField::Route => {
                    self.meanings.of(goroutine).route.as_deref().is_some_and(|r| test.holds(r))
                }
                TextField::Function | TextField::Package | TextField::File => {
                    let frame_passes = |frame: &Frame| frame_passes(snapshot, frame, field, test);
                    let Some(known) = self.stacks.get_mut(index) else { return false };
                    *known
                        .entry(goroutine.stack)
                        .or_insert_with(|| snapshot.tables.frames_of(goroutine.stack).any(frame_passes))
                }
            },
        }
    }
}

fn frame_passes(snapshot: &Snapshot, frame: &Frame, field: &TextField, test: &TextTest) -> bool {
    let function = snapshot.tables.text(frame.function);
    match field {
        TextField::Package => package_of(function).is_some_and(|package| test.holds(&package)),
        TextField::File => test.holds(snapshot.tables.text(frame.file)),
        _ => test.holds(function),
    }
}

fn function(snapshot: &Snapshot, frame: Option<FrameId>, test: &TextTest) -> bool {
    let frame = frame.and_then(|id| snapshot.tables.frames.get(id));
    frame.is_some_and(|frame| test.holds(snapshot.tables.text(frame.function)))
}

fn number(goroutine: &Goroutine, field: NumberField) -> Option<i128> {
    match field {
        NumberField::Id => Some(goroutine.id.0.into()),
        NumberField::Parent => goroutine.parent_id.map(|id| id.0.into()),
        NumberField::M => goroutine.m.map(Into::into),
        NumberField::P => goroutine.p.map(Into::into),
        NumberField::Tid => goroutine.tid.map(Into::into),
        NumberField::Bubble => goroutine.bubble.map(Into::into),
    }
}
