//! Writing a snapshot in the layout of the runtime's `debug=2` dump.

use std::fmt::{self, Write as _};
use std::io;

use rustc_hash::FxHashMap;
use snapshot::{FrameId, Goroutine, Snapshot, StackId, StackState};

use crate::body::{creator, write_stack};
use crate::header::write_header;
use crate::labels::LabelForm;

/// Text handed to the output at once, bytes.
const CHUNK_BYTES: usize = 256 << 10;
/// Rendered stacks kept for reuse, bytes: processes have few distinct stacks, but one that has 100,000
/// must not cost their text in memory.
const CACHE_BYTES: usize = 32 << 20;

/// What a dump contains.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WriteOptions {
    /// Print pprof labels in the headers, in the form of the target's Go release (as with
    /// `GODEBUG=tracebacklabels=1`; Go 1.26 and later). Off by default: not every tool reads them.
    pub labels: bool,
    /// Leave out the runtime's own goroutines, as `debug=2` does. By default they are printed, with all
    /// of their frames, as with `GOTRACEBACK=system`.
    pub no_runtime: bool,
}

/// Writes goroutines of a snapshot as the runtime's `debug=2` dump would show them, with `(...)` for
/// arguments, in the order given. Fails only if `out` does.
///
/// Differences from the runtime's text: control characters in names are escaped, `runtime.goexit` is
/// never listed, a goroutine whose stack could not be had says why behind the runtime's own words for
/// that, and wait times are those of the snapshot.
pub fn write<'a>(
    snapshot: &'a Snapshot,
    goroutines: impl IntoIterator<Item = &'a Goroutine>,
    options: &WriteOptions,
    out: &mut impl io::Write,
) -> io::Result<()> {
    let mut writer = Writer {
        snapshot,
        labels: options.labels.then(|| LabelForm::of_release(&snapshot.target.go_version)),
        stacks: FxHashMap::default(),
        cached_bytes: 0,
        creators: FxHashMap::default(),
    };
    let mut text = String::with_capacity(CHUNK_BYTES + 4096);
    let mut first = true;
    for goroutine in goroutines {
        if options.no_runtime && goroutine.is_runtime {
            continue;
        }
        if !std::mem::take(&mut first) {
            text.push('\n');
        }
        // Formatting into a `String` does not fail.
        writer.write_goroutine(&mut text, goroutine).map_err(io::Error::other)?;
        if text.len() >= CHUNK_BYTES {
            out.write_all(text.as_bytes())?;
            text.clear();
        }
    }
    out.write_all(text.as_bytes())
}

struct Writer<'a> {
    snapshot: &'a Snapshot,
    labels: Option<LabelForm>,
    /// Rendered frames by stack, by why there are none, and by whether all frames are shown.
    stacks: FxHashMap<(StackId, StackState, bool), Box<str>>,
    cached_bytes: usize,
    creators: FxHashMap<(FrameId, bool), Option<(String, String)>>,
}

impl Writer<'_> {
    fn write_goroutine(&mut self, text: &mut String, goroutine: &Goroutine) -> fmt::Result {
        let snapshot = self.snapshot;
        write_header(text, snapshot, goroutine, self.labels)?;

        let key = (goroutine.stack, goroutine.stack_state, goroutine.is_runtime);
        if let Some(rendered) = self.stacks.get(&key) {
            text.push_str(rendered);
        } else {
            let start = text.len();
            write_stack(text, snapshot, goroutine, goroutine.is_runtime)?;
            let rendered = text.get(start..).unwrap_or_default();
            if self.cached_bytes + rendered.len() <= CACHE_BYTES {
                self.cached_bytes += rendered.len();
                self.stacks.insert(key, rendered.into());
            }
        }

        let Some(created_by) = goroutine.created_by else { return Ok(()) };
        let all_frames = goroutine.is_runtime;
        let rendered = self
            .creators
            .entry((created_by, all_frames))
            .or_insert_with(|| creator(snapshot, created_by, all_frames));
        // The runtime never says who created the main goroutine.
        if let Some((name, place)) = rendered.as_ref().filter(|_| goroutine.id.0 != 1) {
            text.push_str(name);
            if let Some(parent) = goroutine.parent_id.filter(|parent| parent.0 != 0) {
                write!(text, " in goroutine {}", parent.0)?;
            }
            text.push('\n');
            text.push_str(place);
        }
        Ok(())
    }
}
