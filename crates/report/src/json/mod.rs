//! The JSON forms: the contract of `docs/json.md`, checked against `docs/dump.schema.json`.
//!
//! One rule for what is not known: every key is always there, and `null` means unknown, not applicable or
//! not recorded by this Go release. Addresses are strings (`"0xc000012345"`), for programs that hold
//! numbers in floating point.

mod blocking;
mod escape;
mod goroutine;
mod group;
mod head;
mod leaks;
mod understanding;
mod wait_object;

use std::io;

use analysis::{Group, Meanings};
use serde::Serialize;
use snapshot::{Address, Goroutine, Snapshot, StackState};

pub(crate) use escape::to_writer;
pub(crate) use head::{GapJson, by_status};

/// Writes one object `{"target":…,"snapshot":…,"goroutines":[…],"gaps":[…]}`, a goroutine to a line, one
/// at a time: memory does not grow with their number. Fails only if `out` does.
pub fn write_dump<'a>(
    meanings: &'a Meanings<'a>,
    goroutines: impl IntoIterator<Item = &'a Goroutine>,
    out: &mut impl io::Write,
) -> io::Result<()> {
    let snapshot = meanings.snapshot();
    let mut stacks = goroutine::Stacks::new(snapshot);
    write_document(snapshot, "goroutines", goroutines, out, |goroutine, line| {
        let stack = stacks.json(goroutine)?;
        to_writer(line, &goroutine::GoroutineJson::new(meanings, goroutine, &stack))
    })
}

/// Writes one object `{"target":…,"snapshot":…,"groups":[…],"gaps":[…]}`, a group to a line. Fails only
/// if `out` does.
pub fn write_groups(snapshot: &Snapshot, groups: &[Group], out: &mut impl io::Write) -> io::Result<()> {
    write_document(snapshot, "groups", groups, out, |group, line| {
        to_writer(line, &group::GroupJson::new(snapshot, group))
    })
}

/// A word for how a stack was had, or why not.
pub fn stack_state_name(state: StackState) -> &'static str {
    match state {
        StackState::Saved => "saved",
        StackState::Sampled => "sampled",
        StackState::BlockedThread => "blocked_thread",
        StackState::Running => "running",
        StackState::Secret => "secret",
        StackState::Torn => "torn",
        StackState::Unreadable => "unreadable",
        StackState::NotTaken => "not_taken",
    }
}

/// Bytes handed to the output at once.
const CHUNK_BYTES: usize = 256 << 10;

fn write_document<T>(
    snapshot: &Snapshot,
    name: &str,
    items: impl IntoIterator<Item = T>,
    out: &mut impl io::Write,
    mut write_item: impl FnMut(T, &mut Vec<u8>) -> io::Result<()>,
) -> io::Result<()> {
    let mut text = Vec::with_capacity(CHUNK_BYTES + 4096);
    text.extend_from_slice(b"{\"target\":");
    to_writer(&mut text, &head::TargetJson::new(&snapshot.target))?;
    text.extend_from_slice(b",\n\"snapshot\":");
    to_writer(&mut text, &head::SnapshotJson::new(snapshot))?;
    text.extend_from_slice(format!(",\n\"{name}\":[").as_bytes());
    for (index, item) in items.into_iter().enumerate() {
        text.extend_from_slice(if index == 0 { b"\n" } else { b",\n" });
        write_item(item, &mut text)?;
        if text.len() >= CHUNK_BYTES {
            out.write_all(&text)?;
            text.clear();
        }
    }
    text.extend_from_slice(b"],\n\"gaps\":");
    to_writer(&mut text, &snapshot.gaps.iter().map(head::GapJson::new).collect::<Vec<_>>())?;
    text.extend_from_slice(b"}\n");
    out.write_all(&text)
}

/// An address as JSON has it; null for the null pointer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AddressJson(pub(crate) Address);

impl Serialize for AddressJson {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.is_null() {
            true => serializer.serialize_none(),
            false => serializer.collect_str(&self.0),
        }
    }
}
