//! One copy of everything that marking looks at: objects with pointers, variables, goroutines and their stacks.
//!
//! A copy of a process that stands still is of one moment, and so is that of one that could run but did not. Of one
//! that runs on it is not.

use go_binary::queue_globals::QueueGlobals;
use go_binary::{Bytes, DataRange, PointerMask};
use process_memory::{ProcessMemory, ReadError, ReadValues};
use snapshot::Address;

use super::arenas::Bitmaps;
use super::goroutines::Goroutines;
use super::queues;
use super::ranges::Ranges;
use super::spans::{Span, Spans};
use super::specials::{self, Special};
use super::threads::{self, Stillness};
use crate::gaps::Gaps;
use crate::goroutine_list;
use crate::limits::Limits;
use crate::program::Program;

/// Variables of a module: a range of memory, and which of its words are pointers.
#[derive(Debug, Clone)]
pub(super) struct Variables {
    pub(super) start: u64,
    pub(super) len: usize,
    pub(super) mask: PointerMask,
}

/// What the next copy will need, found before the target is stopped for it.
pub(crate) struct Plan {
    pub(super) heap: Address,
    pub(super) variables: Vec<Variables>,
    /// `None` if they could not be found: then nothing can be proven.
    queues: Option<QueueGlobals>,
    contents: usize,
    stacks: usize,
}

/// Why a copy cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CopyError {
    /// The layouts or variables of this build do not say where the heap is.
    #[error("this build of the Go runtime does not say where its heap is")]
    NoHeap,
    /// Copying would take more memory than allowed.
    #[error(
        "{bytes} bytes of objects and variables with pointers are more than the {max} that may be copied"
    )]
    TooLarge {
        /// Bytes of objects with pointers, or of variables.
        bytes: u64,
        /// [`Limits::heap_bytes_max`].
        max: u64,
    },
    /// The process is gone, or its lists could not be read.
    #[error(transparent)]
    Memory(#[from] ReadError),
}

/// A copy.
pub(crate) struct HeapCopy {
    pub(super) spans: Spans,
    contents: Ranges,
    /// Where the contents of each span begin; `usize::MAX` for those without.
    content_of: Vec<usize>,
    /// Where each span's allocation bits begin.
    alloc_bits: Vec<Option<usize>>,
    bits: Ranges,
    pub(super) bitmaps: Option<Bitmaps>,
    pub(super) variables: Vec<(Variables, usize)>,
    pub(super) goroutines: Goroutines,
    pub(super) specials: Vec<Special>,
    /// Spans, pieces of variables and stacks that could not be copied. What is only reachable through them is not
    /// seen to be.
    pub(super) missing: u64,
    /// Whether all of it is of one moment.
    pub(super) of_one_moment: bool,
    /// Whether a garbage collection has ended since the copy was begun.
    pub(super) collected: bool,
    /// What threads that were running goroutines had in their registers and on other stacks, and what is queued to
    /// run because an object is gone.
    pub(super) words: Vec<u64>,
}

impl Plan {
    pub(crate) fn of<M: ProcessMemory>(
        program: &Program,
        memory: &M,
        limits: &Limits,
    ) -> Result<Self, CopyError> {
        let fields = program.fields.heap.as_ref().ok_or(CopyError::NoHeap)?;
        let heap = program.globals.mheap.ok_or(CopyError::NoHeap)?;
        let (mut variables, mut bytes) = (Vec::new(), 0_u64);
        for module in &program.modules {
            for (kind, start, end) in module.data.ranges {
                let bits = match kind {
                    DataRange::Data => module.data.data_mask,
                    DataRange::Bss => module.data.bss_mask,
                    DataRange::NoPointerData | DataRange::NoPointerBss => continue,
                };
                let len = end.0.saturating_sub(start.0);
                bytes = bytes.saturating_add(len);
                if bytes > limits.heap_bytes_max {
                    return Err(CopyError::TooLarge { bytes, max: limits.heap_bytes_max });
                }
                let len = usize::try_from(len).unwrap_or(usize::MAX);
                let words = bits.len.min(len as u64 / 8);
                let mask = memory.read_vec(bits.at, usize::try_from(words.div_ceil(8)).unwrap_or(0))?;
                variables.push(Variables { start: start.0, len, mask: PointerMask::new(words, mask) });
            }
        }
        let spans = Spans::read(memory, heap, fields, limits, &mut 0)?;
        let contents = wanted(&spans, limits)?.1;
        let list = goroutine_list::read(memory, &program.globals, limits, &mut Gaps::default())?;
        let headers = super::goroutines::headers(program, memory, list);
        let stacks = headers.iter().map(|(header, _)| header.stack_hi.saturating_sub(header.start().sp));
        let stacks = stacks.filter(|len| *len <= limits.stack_bytes_max).sum::<u64>();
        let stacks = stacks.min(limits.stacks_bytes_max.min(1 << 32));
        // Some more, for what is allocated until then.
        let variable_bytes: usize = variables.iter().map(|variables| variables.len).sum();
        let contents = contents + contents / 16 + variable_bytes;
        let queues = program.queue_globals().ok();
        Ok(Plan {
            heap,
            variables,
            queues,
            contents,
            stacks: usize::try_from(stacks + stacks / 8).unwrap_or(0),
        })
    }
}

/// The ranges of spans whose contents are copied, with their indexes, and how many bytes that is.
#[allow(clippy::type_complexity, reason = "two lists that belong together")]
fn wanted(spans: &Spans, limits: &Limits) -> Result<((Vec<usize>, Vec<(u64, usize)>), usize), CopyError> {
    let scanned = spans.list.iter().enumerate().filter(|(_, span)| !span.noscan);
    let bytes: u64 = scanned.clone().map(|(_, span)| span.bytes).sum();
    if bytes > limits.heap_bytes_max {
        return Err(CopyError::TooLarge { bytes, max: limits.heap_bytes_max });
    }
    let ranges = scanned.map(|(index, span)| (index, (span.start, usize::try_from(span.bytes).unwrap_or(0))));
    Ok((ranges.unzip(), usize::try_from(bytes).unwrap_or(usize::MAX)))
}

impl HeapCopy {
    /// Makes a copy.
    pub(crate) fn take<M: ProcessMemory>(
        program: &Program,
        memory: &M,
        limits: &Limits,
        plan: &Plan,
        stillness: Stillness<'_>,
    ) -> Result<Self, CopyError> {
        let fields = program.fields.heap.as_ref().ok_or(CopyError::NoHeap)?;
        let sweep_generation = || memory.read_u32(plan.heap.offset(fields.sweep_generation as u64));
        let begun = sweep_generation()?;
        let mut gaps = Gaps::default();
        let list = goroutine_list::read(memory, &program.globals, limits, &mut gaps)?;
        let mut missing = u64::from(!gaps.finish().is_empty());
        let mut goroutines = Goroutines::copy(program, memory, limits, &list, plan.stacks);
        let spans = Spans::read(memory, plan.heap, fields, limits, &mut missing)?;
        let mut contents = Ranges::with_room_for(plan.contents);
        let ((owners, ranges), _) = wanted(&spans, limits)?;
        let begins = contents.append(memory, &ranges, limits.workers);
        let mut content_of = vec![usize::MAX; spans.list.len()];
        for (owner, begin) in owners.into_iter().zip(begins) {
            match (content_of.get_mut(owner), begin) {
                (Some(slot), Some(begin)) => *slot = begin,
                _ => missing += 1,
            }
        }
        let ranges: Vec<_> =
            plan.variables.iter().map(|variables| (variables.start, variables.len)).collect();
        let begins = contents.append(memory, &ranges, limits.workers);
        missing += begins.iter().filter(|begin| begin.is_none()).count() as u64;
        let variables = plan.variables.iter().cloned().zip(begins);
        let variables = variables.filter_map(|(variables, begin)| Some((variables, begin?))).collect();
        let bitmaps = fields.arena.as_ref().map(|arena| {
            let scanned = spans.list.iter().enumerate().filter(|(_, span)| !span.noscan);
            Bitmaps::read(memory, plan.heap, arena, scanned, limits.workers)
        });
        let specials = specials::read(memory, fields, &spans, &mut missing);
        // After the records of objects, which end up there.
        let mut words = match &plan.queues {
            Some(queues) => queues::words(memory, queues, &mut missing),
            None => {
                missing += 1;
                Vec::new()
            }
        };
        let (bits, alloc_bits) = allocation_bits(memory, &spans, limits);
        let of_one_moment = match stillness {
            Stillness::Stopped(threads) => {
                words.extend(threads::words(program, memory, limits, &mut goroutines, threads, &mut missing));
                true
            }
            // Nobody knows what is in registers.
            Stillness::AtRest(at_rest) => {
                let at_work = threads::machines_at_work(program, memory, limits, &goroutines);
                at_work.is_ok_and(|machines| machines.is_empty()) && at_rest()
            }
        };
        if !of_one_moment {
            let list = goroutine_list::read(memory, &program.globals, limits, &mut Gaps::default())?;
            goroutines.copy_again(program, memory, limits, &list);
        }
        let without = |g: &&super::goroutines::CopiedGoroutine| g.stack.is_none() && g.later.is_none();
        missing += goroutines.list.iter().filter(without).count() as u64;
        Ok(HeapCopy {
            collected: sweep_generation()? != begun,
            spans,
            contents,
            content_of,
            alloc_bits,
            bits,
            bitmaps,
            variables,
            goroutines,
            specials,
            missing,
            of_one_moment,
            words,
        })
    }

    /// Contents of a span; `None` if it has no pointers, or could not be copied.
    pub(super) fn contents(&self, index: usize, span: &Span) -> Option<&[u8]> {
        let begin = *self.content_of.get(index)?;
        self.contents.get(begin, usize::try_from(span.bytes).ok()?)
    }

    /// Contents of variables.
    pub(super) fn bytes_of(&self, variables: &Variables, begin: usize) -> &[u8] {
        self.contents.get(begin, variables.len).unwrap_or_default()
    }

    /// A word of an object or variable.
    pub(super) fn word(&self, at: u64) -> Option<u64> {
        if let Some(index) = self.spans.span_of(at) {
            let span = self.spans.list.get(index)?;
            return self.contents(index, span)?.u64_at(usize::try_from(at - span.start).ok()?);
        }
        let inside = |v: &&(Variables, usize)| (v.0.start..v.0.start + v.0.len as u64).contains(&at);
        let (variables, begin) = self.variables.iter().find(inside)?;
        self.bytes_of(variables, *begin).u64_at(usize::try_from(at - variables.start).ok()?)
    }

    /// Whether an object is in use. Only a copy of one moment can say no: in another one it may have been allocated
    /// since its span was read.
    pub(super) fn is_allocated(&self, index: usize, span: &Span, element: u32) -> bool {
        if !self.of_one_moment || span.being_swept || element < span.free_index {
            return true;
        }
        let begin = self.alloc_bits.get(index).copied().flatten();
        let bits = begin.and_then(|begin| self.bits.get(begin + element as usize / 8, 1));
        bits.and_then(<[u8]>::first).is_none_or(|byte| byte >> (element % 8) & 1 != 0)
    }

    /// Bytes of ours that it takes.
    pub(crate) fn size(&self) -> u64 {
        (self.contents.len() + self.goroutines.stacks.len() + self.bits.len()) as u64
    }
}

fn allocation_bits<M: ProcessMemory>(
    memory: &M,
    spans: &Spans,
    limits: &Limits,
) -> (Ranges, Vec<Option<usize>>) {
    let mut bits = Ranges::default();
    let len = |span: &Span| span.elements.div_ceil(8) as usize;
    let ranges: Vec<_> = spans.list.iter().map(|span| (span.alloc_bits.0, len(span))).collect();
    let begins = bits.append(memory, &ranges, limits.workers);
    (bits, begins)
}
