//! Which stacks the program can have, and where a goroutine with such a stack is.

use std::collections::BTreeMap;

use snapshot::{Cohort, StackState, Status, Tables};

use crate::storm::{Chain, Place};

/// The runtime's words for how each shape waits; none for the one that does so in a system call.
const REASONS: [&[&str]; 6] = [
    &["chan receive"],
    &["select"],
    &["sync.Mutex.Lock", "semacquire"],
    &["sync.Cond.Wait"],
    &["sync.WaitGroup.Wait", "semacquire"],
    &[],
];

/// What the program's code allows.
pub(crate) struct Legal {
    /// Outermost function first.
    chains: BTreeMap<Place, Chain>,
}

/// What a cohort of goroutines turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Of the runtime's own, or of those that make the weather.
    Other,
    /// Walkers of this shape on their way; and whether there is a whole stack that shows it.
    Moving(usize, bool),
    /// Walkers of this shape that wait as the shape does; where, if the stack tells.
    Waiting(usize, Option<Place>),
}

impl Legal {
    /// `chains` have the innermost function first.
    pub(crate) fn new(mut chains: BTreeMap<Place, Chain>) -> Legal {
        assert_eq!(chains.len(), 48);
        chains.values_mut().for_each(|chain| chain.reverse());
        Legal { chains }
    }

    /// # Errors
    /// If no goroutine of the program can ever be so; why.
    pub(crate) fn judge(&self, tables: &Tables, cohort: &Cohort) -> Result<Verdict, String> {
        let creator = cohort.created_by.and_then(|id| tables.frames.get(id));
        let creator = creator.map_or("", |frame| tables.text(frame.function));
        let shape = creator.strip_prefix("main.start").and_then(|digit| digit.parse::<usize>().ok());
        let chain = self.chain(tables, cohort)?;
        let Some(shape) = shape else {
            let strayed = chain.and_then(|chain| chain.first().cloned());
            return strayed.map_or(Ok(Verdict::Other), |frame| Err(format!("{frame:?} by {creator:?}")));
        };
        let waits = match REASONS[shape] {
            [] => cohort.status == Status::Syscall,
            reasons => {
                cohort.wait_reason.is_some_and(|id| reasons.contains(&tables.text(id)))
                    && cohort.status == Status::Waiting
            }
        };
        let Some(chain) = chain else {
            return Ok(if waits { Verdict::Waiting(shape, None) } else { Verdict::Moving(shape, false) });
        };
        let possible = self.chains.iter().filter(|((of, _, _), _)| *of == shape);
        let mut possible = possible.filter(|(_, legal)| begins(legal, &chain));
        let Some((place, legal)) = possible.next() else { return Err(format!("no chain of {shape}")) };
        // Before it waits it can be anywhere in the same function; and a condition has a mutex, too.
        let arrived = waits && chain.len() == legal.len() && (shape != 3 || chain.last() == legal.last());
        if !arrived {
            return Ok(Verdict::Moving(shape, true));
        }
        if chain.last() != legal.last() {
            return Err(format!("waits in another line than {:?}", legal.last()));
        }
        let labels = tables.label_sets.get(cohort.labels).map(|set| &set.0[..]).unwrap_or_default();
        match labels {
            [] => Ok(Verdict::Waiting(shape, Some(*place))),
            [(key, value)] if tables.text(*key) == "shape" && tables.text(*value) == shape.to_string() => {
                Ok(Verdict::Waiting(shape, Some(*place)))
            }
            _ => Err("has another's labels".into()),
        }
    }

    /// The functions of a cohort's stack that have a shape, outermost first; `None` if there is no whole stack.
    fn chain(&self, tables: &Tables, cohort: &Cohort) -> Result<Option<Chain>, String> {
        let taken =
            matches!(cohort.stack_state, StackState::Saved | StackState::Sampled | StackState::BlockedThread);
        let Some(stack) = tables.stacks.get(cohort.stack).filter(|stack| taken && stack.complete) else {
            return Ok(None);
        };
        let frames = stack.frames.iter().rev().filter_map(|id| tables.frames.get(*id));
        let mut chain = Chain::new();
        let mut left = false;
        for (index, frame) in frames.enumerate() {
            let name = tables.text(frame.function);
            let shaped =
                name.strip_prefix("main.").and_then(|name| name.strip_suffix(|c: char| c.is_ascii_digit()));
            let shaped = shaped.is_some_and(|kind| ["shape", "step", "a", "b", "wait"].contains(&kind));
            match shaped {
                true if left => return Err(format!("{name} is called by what calls nothing of the kind")),
                true => chain.push((name.to_owned(), frame.line)),
                // The compiler's wrapper around a `go` statement.
                false if index == 0 && name.starts_with("main.start") => {}
                false => left = true,
            }
        }
        Ok(Some(chain))
    }
}

/// Whether `chain` is `legal` or the outer part of it; its innermost function can be at any line.
fn begins(legal: &Chain, chain: &Chain) -> bool {
    let Some(((innermost, _), callers)) = chain.split_last() else { return true };
    legal.starts_with(callers) && legal.get(callers.len()).is_some_and(|(function, _)| function == innermost)
}
