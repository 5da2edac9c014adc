//! The offsets that are needed, looked up once by the runtime's own names.
//!
//! A field that a release does not have is `None`: what follows from that is decided where it is used.

mod blocking;
mod heap;
mod memory;
mod time_histogram;
mod scheduler;

use go_binary::layout::Layouts;

use crate::error::AttachError;
pub(crate) use blocking::BlockingFields;
pub(crate) use heap::{ArenaFields, Counter, HeapFields, SpanFields, SpecialFields, TypeFields};
pub(crate) use memory::{CacheFields, CollectionFields, ControllerFields, HeapStatsFields, MemoryFields};
pub(crate) use scheduler::{MFields, PFields, SchedFields};
pub(crate) use time_histogram::TimeHistogramFields;

/// Looks up fields of one structure.
struct Structure<'l> {
    layouts: &'l Layouts,
    name: &'static str,
}

impl Structure<'_> {
    fn need(&self, field: &'static str) -> Result<usize, AttachError> {
        self.has(field).ok_or(AttachError::MissingField { structure: self.name, field })
    }

    fn has(&self, field: &str) -> Option<usize> {
        self.layouts.offset(self.name, field).map(|offset| offset as usize)
    }

    /// The first of several names that the field has had.
    fn any(&self, fields: &[&str]) -> Option<usize> {
        fields.iter().find_map(|field| self.has(field))
    }

    fn size(&self) -> Result<usize, AttachError> {
        let size = self.layouts.size(self.name).map(|size| size as usize);
        size.ok_or(AttachError::MissingField { structure: self.name, field: "(size)" })
    }
}

/// `runtime.g`.
#[derive(Debug, Clone)]
pub(crate) struct GFields {
    /// Bytes to read so that every field below is inside.
    pub(crate) size: usize,
    pub(crate) stack_lo: usize,
    pub(crate) stack_hi: usize,
    pub(crate) m: usize,
    pub(crate) sched_sp: usize,
    pub(crate) sched_pc: usize,
    pub(crate) sched_g: usize,
    pub(crate) sched_lr: usize,
    pub(crate) sched_bp: usize,
    pub(crate) syscall_sp: usize,
    pub(crate) syscall_pc: usize,
    pub(crate) status: usize,
    pub(crate) goid: usize,
    pub(crate) wait_since: usize,
    pub(crate) wait_reason: usize,
    pub(crate) tracking_seq: usize,
    pub(crate) locked_m: usize,
    pub(crate) parent_goid: Option<usize>,
    pub(crate) gopc: usize,
    pub(crate) startpc: usize,
    pub(crate) waiting: usize,
    pub(crate) labels: usize,
    pub(crate) sleep_when: Option<usize>,
    pub(crate) bubble: Option<usize>,
    pub(crate) secret: Option<usize>,
}

/// `runtime.sudog`: one goroutine on one wait queue.
#[derive(Debug, Clone)]
pub(crate) struct SudogFields {
    pub(crate) size: usize,
    pub(crate) g: usize,
    pub(crate) next: usize,
    pub(crate) prev: usize,
    pub(crate) elem: usize,
    pub(crate) wait_link: usize,
    pub(crate) channel: usize,
    /// Since Go 1.26 a goroutine points to its sudog for semaphores and conditions as well, in the same
    /// release that made `elem` a pair.
    pub(crate) semaphores_named: bool,
}

/// `runtime.hchan`.
#[derive(Debug, Clone)]
pub(crate) struct ChannelFields {
    pub(crate) size: usize,
    pub(crate) count: usize,
    pub(crate) capacity: usize,
    pub(crate) element_size: usize,
    pub(crate) closed: usize,
    pub(crate) timer: Option<usize>,
    pub(crate) receivers: usize,
    pub(crate) senders: usize,
}

/// Positions of semaphores in the types of package `sync`; the same in all known releases.
#[derive(Debug, Clone)]
pub(crate) struct SyncFields {
    pub(crate) mutex_sema: u64,
    pub(crate) wait_group_sema: u64,
    pub(crate) rw_writer_sema: u64,
    pub(crate) rw_reader_sema: u64,
    pub(crate) rw_reader_count: u64,
    pub(crate) rw_reader_wait: u64,
    pub(crate) cond_notify: u64,
}

/// All of them.
#[derive(Debug, Clone)]
pub(crate) struct Fields {
    pub(crate) g: GFields,
    pub(crate) m: MFields,
    pub(crate) p: PFields,
    pub(crate) sched: SchedFields,
    pub(crate) sudog: SudogFields,
    pub(crate) channel: ChannelFields,
    pub(crate) sync: SyncFields,
    /// (offset of the root's treap, bytes between roots, number of roots) of `runtime.semtable`.
    pub(crate) semtable: Option<SemtableShape>,
    pub(crate) bubble_id: Option<usize>,
    pub(crate) memory: MemoryFields,
    /// `None` where the layouts do not describe the heap: then nothing can be said of what is reachable.
    pub(crate) heap: Option<HeapFields>,
    pub(crate) blocking: BlockingFields,
}

/// The shape of `runtime.semtable`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SemtableShape {
    pub(crate) treap: usize,
    pub(crate) stride: usize,
    pub(crate) roots: usize,
}

impl Fields {
    pub(crate) fn bind(layouts: &Layouts) -> Result<Self, AttachError> {
        let of = |name| Structure { layouts, name };
        Ok(Fields {
            g: GFields::bind(&of("runtime.g"))?,
            m: MFields::bind(&of("runtime.m"))?,
            p: PFields::bind(&of("runtime.p"))?,
            sched: SchedFields::bind(&of("runtime.schedt"))?,
            sudog: SudogFields::bind(&of("runtime.sudog"))?,
            channel: ChannelFields::bind(&of("runtime.hchan"))?,
            sync: SyncFields::bind(layouts),
            semtable: semtable(layouts),
            bubble_id: of("runtime.synctestBubble").has("id"),
            memory: MemoryFields::bind(layouts),
            heap: HeapFields::bind(layouts),
            blocking: BlockingFields::bind(layouts),
        })
    }
}

impl GFields {
    fn bind(g: &Structure<'_>) -> Result<Self, AttachError> {
        Ok(GFields {
            size: g.size()?,
            stack_lo: g.need("stack.lo")?,
            stack_hi: g.need("stack.hi")?,
            m: g.need("m")?,
            sched_sp: g.need("sched.sp")?,
            sched_pc: g.need("sched.pc")?,
            sched_g: g.need("sched.g")?,
            sched_lr: g.need("sched.lr")?,
            sched_bp: g.need("sched.bp")?,
            syscall_sp: g.need("syscallsp")?,
            syscall_pc: g.need("syscallpc")?,
            status: g.need("atomicstatus")?,
            goid: g.need("goid")?,
            wait_since: g.need("waitsince")?,
            wait_reason: g.need("waitreason")?,
            tracking_seq: g.need("trackingSeq")?,
            locked_m: g.need("lockedm")?,
            parent_goid: g.has("parentGoid"),
            gopc: g.need("gopc")?,
            startpc: g.need("startpc")?,
            waiting: g.need("waiting")?,
            labels: g.need("labels")?,
            sleep_when: g.has("sleepWhen"),
            bubble: g.has("bubble"),
            secret: g.has("secret"),
        })
    }
}

impl SudogFields {
    fn bind(sudog: &Structure<'_>) -> Result<Self, AttachError> {
        // From Go 1.26 a pair of a traced and an untraced pointer: only the latter is always set.
        let untraced = |field: &'static str, pair: [&'static str; 2]| {
            sudog.any(&pair).map_or_else(|| sudog.need(field).map(|at| (at, false)), |at| Ok((at, true)))
        };
        let (elem, semaphores_named) = untraced("elem", ["elem.vu", "elem.maybeTraceablePtr.vu"])?;
        let (channel, _) = untraced("c", ["c.vu", "c.maybeTraceablePtr.vu"])?;
        Ok(SudogFields {
            size: sudog.size()?,
            g: sudog.need("g")?,
            next: sudog.need("next")?,
            prev: sudog.need("prev")?,
            elem,
            wait_link: sudog.need("waitlink")?,
            channel,
            semaphores_named,
        })
    }
}

impl ChannelFields {
    fn bind(channel: &Structure<'_>) -> Result<Self, AttachError> {
        Ok(ChannelFields {
            size: channel.size()?,
            count: channel.need("qcount")?,
            capacity: channel.need("dataqsiz")?,
            element_size: channel.need("elemsize")?,
            closed: channel.need("closed")?,
            timer: channel.has("timer"),
            receivers: channel.need("recvq.first")?,
            senders: channel.need("sendq.first")?,
        })
    }
}

impl SyncFields {
    /// A program that does not use a type of package `sync` has no DWARF for it, so there are defaults:
    /// measured equal on every release from Go 1.19 to 1.27.
    fn bind(layouts: &Layouts) -> Self {
        let offset = |name: &str, fields: &[&str], default| {
            fields.iter().find_map(|field| layouts.offset(name, field)).map_or(default, u64::from)
        };
        SyncFields {
            mutex_sema: offset("sync.Mutex", &["sema", "mu.sema"], 4),
            wait_group_sema: offset("sync.WaitGroup", &["sema", "state2"], 8),
            rw_writer_sema: offset("sync.RWMutex", &["writerSem"], 8),
            rw_reader_sema: offset("sync.RWMutex", &["readerSem"], 12),
            rw_reader_count: offset("sync.RWMutex", &["readerCount"], 16),
            rw_reader_wait: offset("sync.RWMutex", &["readerWait"], 20),
            cond_notify: offset("sync.Cond", &["notify"], 16),
        }
    }
}

fn semtable(layouts: &Layouts) -> Option<SemtableShape> {
    let array = layouts.array("runtime.semTable")?;
    let treap = layouts.offset("runtime.semaRoot", "treap")?;
    Some(SemtableShape { treap: treap as usize, stride: array.stride as usize, roots: array.len as usize })
}
