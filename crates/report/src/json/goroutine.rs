//! A goroutine as JSON.

use std::io;

use analysis::Meanings;
use rustc_hash::FxHashMap;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use snapshot::{Frame, FrameId, FunctionRole, Goroutine, Snapshot, StackId, WaitingSince};

use super::understanding::UnderstandingJson;
use super::wait_object::WaitObjectJson;
use super::{AddressJson, stack_state_name, to_writer};

/// Rendered stacks kept for reuse, bytes.
const CACHE_BYTES: usize = 32 << 20;

#[derive(Serialize)]
pub(super) struct GoroutineJson<'a> {
    id: u64,
    address: AddressJson,
    status: &'static str,
    scanning: bool,
    wait_reason: Option<&'a str>,
    waiting_since_ms: Option<u64>,
    waiting_since_source: Option<&'static str>,
    parent_id: Option<u64>,
    created_by: Option<PlaceJson<'a>>,
    entry: Option<PlaceJson<'a>>,
    m: Option<i64>,
    p: Option<i32>,
    tid: Option<u32>,
    locked_to_thread: bool,
    is_runtime: bool,
    bubble: Option<u64>,
    labels: LabelsJson<'a>,
    waiting_on: Vec<WaitObjectJson>,
    #[serde(flatten)]
    understanding: UnderstandingJson,
    stack: &'a RawValue,
    stack_complete: bool,
    stack_state: &'static str,
}

impl<'a> GoroutineJson<'a> {
    pub(super) fn new(meanings: &Meanings<'a>, goroutine: &'a Goroutine, stack: &'a RawValue) -> Self {
        let snapshot = meanings.snapshot();
        let has_frames = snapshot.frames(goroutine).next().is_some();
        let complete = snapshot.tables.stacks.get(goroutine.stack).is_some_and(|stack| stack.complete);
        GoroutineJson {
            id: goroutine.id.0,
            address: AddressJson(goroutine.address),
            status: goroutine.status.name(),
            scanning: goroutine.scanning,
            wait_reason: snapshot.wait_reason(goroutine),
            waiting_since_ms: goroutine.waiting_since.map(WaitingSince::ms),
            waiting_since_source: goroutine.waiting_since.map(|since| match since {
                WaitingSince::AtLeastMs(_) => "runtime",
                WaitingSince::ObservedMs(_) => "observed",
            }),
            parent_id: goroutine.parent_id.map(|id| id.0),
            created_by: PlaceJson::of(snapshot, goroutine.created_by),
            entry: PlaceJson::of(snapshot, goroutine.entry),
            m: goroutine.m,
            p: goroutine.p,
            tid: goroutine.tid,
            locked_to_thread: goroutine.locked_to_thread,
            is_runtime: goroutine.is_runtime,
            bubble: goroutine.bubble,
            labels: LabelsJson { snapshot, goroutine },
            waiting_on: snapshot.waiting_on(goroutine).iter().map(WaitObjectJson::new).collect(),
            understanding: UnderstandingJson::new(&meanings.of(goroutine)),
            stack,
            // An empty stack is none, however complete.
            stack_complete: has_frames && complete,
            stack_state: stack_state_name(goroutine.stack_state),
        }
    }
}

/// A function, file and line.
#[derive(Serialize)]
pub(super) struct PlaceJson<'a> {
    function: &'a str,
    file: &'a str,
    line: Option<u32>,
}

impl<'a> PlaceJson<'a> {
    pub(super) fn of(snapshot: &'a Snapshot, frame: Option<FrameId>) -> Option<Self> {
        Some(Self::at(snapshot, snapshot.tables.frames.get(frame?)?))
    }

    pub(super) fn at(snapshot: &'a Snapshot, frame: &Frame) -> Self {
        PlaceJson {
            function: snapshot.tables.text(frame.function),
            file: snapshot.tables.text(frame.file),
            line: (frame.line != 0).then_some(frame.line),
        }
    }
}

#[derive(Serialize)]
struct FrameJson<'a> {
    function: &'a str,
    file: &'a str,
    line: Option<u32>,
    inlined: bool,
    role: &'static str,
    pc: AddressJson,
    pc_offset: u64,
}

impl<'a> FrameJson<'a> {
    fn new(snapshot: &'a Snapshot, frame: &Frame) -> Self {
        FrameJson {
            function: snapshot.tables.text(frame.function),
            file: snapshot.tables.text(frame.file),
            line: (frame.line != 0).then_some(frame.line),
            inlined: frame.inlined,
            role: match frame.role {
                FunctionRole::Ordinary => "ordinary",
                FunctionRole::Wrapper => "wrapper",
                FunctionRole::Foreign => "foreign",
            },
            pc: AddressJson(snapshot::Address(frame.pc)),
            pc_offset: frame.pc_offset,
        }
    }
}

/// Frames of a stack as JSON, innermost first.
pub(super) fn stack_json(snapshot: &Snapshot, stack: StackId) -> io::Result<Box<RawValue>> {
    let frames: Vec<_> =
        snapshot.tables.frames_of(stack).map(|frame| FrameJson::new(snapshot, frame)).collect();
    let mut text = Vec::new();
    to_writer(&mut text, &frames)?;
    let text = String::from_utf8(text).map_err(io::Error::other)?;
    RawValue::from_string(text).map_err(io::Error::from)
}

/// Stacks rendered once, for the many goroutines that share them.
pub(super) struct Stacks<'a> {
    snapshot: &'a Snapshot,
    rendered: FxHashMap<StackId, std::rc::Rc<RawValue>>,
    bytes: usize,
}

impl<'a> Stacks<'a> {
    pub(super) fn new(snapshot: &'a Snapshot) -> Self {
        Stacks { snapshot, rendered: FxHashMap::default(), bytes: 0 }
    }

    pub(super) fn json(&mut self, goroutine: &Goroutine) -> io::Result<std::rc::Rc<RawValue>> {
        if let Some(known) = self.rendered.get(&goroutine.stack) {
            return Ok(known.clone());
        }
        let stack: std::rc::Rc<RawValue> = stack_json(self.snapshot, goroutine.stack)?.into();
        if self.bytes + stack.get().len() <= CACHE_BYTES {
            self.bytes += stack.get().len();
            self.rendered.insert(goroutine.stack, stack.clone());
        }
        Ok(stack)
    }
}

/// Labels as one object. Go's labels have distinct keys; should a torn read repeat one, the last counts.
pub(super) struct LabelsJson<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) goroutine: &'a Goroutine,
}

impl Serialize for LabelsJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let labels: std::collections::BTreeMap<&str, &str> = self.snapshot.labels(self.goroutine).collect();
        serializer.collect_map(labels)
    }
}
