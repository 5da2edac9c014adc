//! Whether a moment that was decoded can be used as if we had taken it: every id is in its table, every range in its
//! list, and what is searched is in order.

use snapshot::{Id, Interner, LabelSet, Snapshot, StackTrace, StringId, Tables};

use crate::error::Inconsistency;
use crate::moment::Moment;

pub(crate) fn check(moment: &Moment) -> Result<(), Inconsistency> {
    tables(&moment.snapshot.tables)?;
    goroutines(&moment.snapshot)?;
    threads(&moment.snapshot)?;
    moment.heap.as_ref().map_or(Ok(()), |heap| {
        let references = &heap.blocking.references;
        ascending("objects", references.objects.iter().map(|object| object.address))?;
        ascending("files", references.files.iter().map(|(goroutine, _)| *goroutine))?;
        ascending("variables", references.names.iter().map(|(at, _)| *at))?;
        ascending("goroutines that had not moved", heap.blocking.unmoved.iter().copied())
    })
}

fn tables(tables: &Tables) -> Result<(), Inconsistency> {
    let Tables { strings, frames, stacks, label_sets } = tables;
    let empty = |is: bool, table| if is { Ok(()) } else { Err(Inconsistency::NotEmptyFirst(table)) };
    empty(tables.strings.get(StringId::default()).is_some_and(|text| text.is_empty()), "strings")?;
    empty(stacks.get(Id::default()) == Some(&StackTrace::default()), "stacks")?;
    empty(label_sets.get(Id::default()) == Some(&LabelSet::default()), "label sets")?;
    for (_, frame) in frames.iter() {
        known("string", strings, [frame.function, frame.symbol, frame.file])?;
    }
    for (_, stack) in stacks.iter() {
        known("frame", frames, stack.frames.iter().copied())?;
    }
    for (_, labels) in label_sets.iter() {
        known("string", strings, labels.0.iter().flat_map(|(key, value)| [*key, *value]))?;
    }
    Ok(())
}

fn goroutines(snapshot: &Snapshot) -> Result<(), Inconsistency> {
    let tables = &snapshot.tables;
    for goroutine in &snapshot.goroutines {
        known("string", &tables.strings, goroutine.wait_reason)?;
        known("frame", &tables.frames, goroutine.created_by.into_iter().chain(goroutine.entry))?;
        known("stack", &tables.stacks, [goroutine.stack])?;
        known("label set", &tables.label_sets, [goroutine.labels])?;
        let (start, length) = goroutine.waiting_on;
        if u64::from(start) + u64::from(length) > snapshot.wait_objects.len() as u64 {
            return Err(Inconsistency::Dangling("wait object"));
        }
    }
    Ok(())
}

/// A state is printed as it is, and anything may be in a file.
fn threads(snapshot: &Snapshot) -> Result<(), Inconsistency> {
    let machines = snapshot.scheduler.iter().flat_map(|scheduler| &scheduler.machines);
    let mut states = machines.filter_map(|machine| machine.thread.as_ref()).map(|thread| thread.state);
    match states.all(|state| state.is_ascii_graphic()) {
        true => Ok(()),
        false => Err(Inconsistency::ThreadState),
    }
}

fn known<T: std::hash::Hash + Eq>(
    what: &'static str,
    table: &Interner<T>,
    ids: impl IntoIterator<Item = Id<T>>,
) -> Result<(), Inconsistency> {
    match ids.into_iter().all(|id| id.index() < table.len()) {
        true => Ok(()),
        false => Err(Inconsistency::Dangling(what)),
    }
}

fn ascending<T: Ord>(what: &'static str, values: impl Iterator<Item = T>) -> Result<(), Inconsistency> {
    match values.is_sorted() {
        true => Ok(()),
        false => Err(Inconsistency::Unordered(what)),
    }
}
