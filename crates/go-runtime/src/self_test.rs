//! Does this process look like the Go runtime that its layouts describe? If not, nothing of it is shown.
//!
//! Wrong offsets do not crash a reader, they make it lie. Each check below is something that every Go
//! runtime keeps true and that wrong offsets almost never do.

use process_memory::ProcessMemory;
use rustc_hash::FxHashSet;
use snapshot::{Address, Status};

use crate::bulk::Batch;
use crate::error::AttachError;
use crate::gaps::Gaps;
use crate::header::Header;
use crate::limits::Limits;
use crate::program::Program;
use crate::{goroutine_list, scheduler};

/// Descriptors that are looked at, spread over the whole list.
const SAMPLE: usize = 512;
/// Ids are handed out to Ps in batches; each P may be a batch ahead.
const ID_BATCH: u64 = 16;

/// Runs all checks. `threads` lists the process's threads, where the system can be asked, by the ids that they
/// have in the process's own pid namespace.
pub(crate) fn run<M: ProcessMemory>(
    program: &Program,
    memory: &M,
    limits: &Limits,
    wait_reasons: &[String],
    threads: Option<&dyn Fn() -> Vec<u32>>,
) -> Result<(), AttachError> {
    let test = SelfTest { program };
    if wait_reasons.get(2).map(String::as_str) != Some("IO wait") {
        let found = wait_reasons.get(2).map_or("nothing", String::as_str);
        return Err(test.failed("wait reason 2 is \"IO wait\"", format!("found {found:?}")));
    }
    let alllink = program.globals.alllink_offset;
    if alllink.is_some_and(|code| code as usize != program.fields.m.alllink) {
        let (code, table) = (alllink.unwrap_or_default(), program.fields.m.alllink);
        return Err(test.failed("m.alllink is where the code has it", format!("layout {table}, code {code}")));
    }
    test.machinery(memory, limits, threads)?;
    test.goroutines(memory, limits)
}

struct SelfTest<'p> {
    program: &'p Program,
}

impl SelfTest<'_> {
    fn failed(&self, check: &'static str, detail: String) -> AttachError {
        let release = match &self.program.layout_source {
            snapshot::LayoutSource::Nearest(release) => release.clone(),
            _ => format!("go{}", self.program.release),
        };
        AttachError::SelfTest { release, check, detail }
    }

    /// Ps are numbered from 0, and Ms are threads of the process.
    fn machinery<M: ProcessMemory>(
        &self,
        memory: &M,
        limits: &Limits,
        threads: Option<&dyn Fn() -> Vec<u32>>,
    ) -> Result<(), AttachError> {
        let mut gaps = Gaps::default();
        let machinery = scheduler::read(self.program, memory, limits, &mut gaps);
        let scheduler = machinery.unwrap_or_default().scheduler;
        let numbered =
            scheduler.processors.iter().enumerate().all(|(index, p)| i32::try_from(index) == Ok(p.id));
        if scheduler.processors.is_empty() && scheduler.descriptors == 0 {
            return Err(AttachError::NotStarted);
        }
        if scheduler.processors.is_empty() || !numbered {
            let ids: Vec<i32> = scheduler.processors.iter().take(8).map(|p| p.id).collect();
            return Err(self.failed("Ps are numbered from 0", format!("found {ids:?}")));
        }
        if scheduler.machines.is_empty() {
            return Err(self.failed("there is at least one M", String::from("found none")));
        }
        let Some(threads) = threads else { return Ok(()) };
        // Asked after the Ms were read, so that threads started meanwhile are there. Few end just then.
        let threads = threads();
        let named: Vec<u32> = scheduler.machines.iter().map(|m| m.tid).filter(|tid| *tid != 0).collect();
        let strangers: Vec<&u32> = named.iter().filter(|tid| !threads.contains(tid)).collect();
        if named.is_empty() || strangers.len() * 2 > named.len() {
            let detail =
                format!("{} of {} are not, such as {:?}", strangers.len(), named.len(), strangers.first());
            return Err(self.failed("Ms are threads of the process", detail));
        }
        Ok(())
    }

    /// Descriptors point to themselves, ids are unique and given out, statuses exist, stacks are stacks and
    /// entries are functions.
    fn goroutines<M: ProcessMemory>(&self, memory: &M, limits: &Limits) -> Result<(), AttachError> {
        let all = goroutine_list::read(memory, &self.program.globals, limits, &mut Gaps::default())?;
        let step = all.len().div_ceil(SAMPLE).max(1);
        let mut sample: Vec<Address> = all.iter().copied().step_by(step).collect();
        sample.sort_unstable();
        let fields = &self.program.fields;
        let mut batch = Batch::default();
        let slots = batch.push_each(sample.iter().copied(), fields.g.size);
        batch.read(memory);
        let decoded: Vec<Header> = slots
            .into_iter()
            .zip(&sample)
            .filter_map(|(slot, at)| Header::decode(batch.get(slot).ok()?, *at, &fields.g))
            .collect();
        // A descriptor that is just being set up does not point to itself yet.
        if decoded.len() * 10 < sample.len() * 9 || decoded.is_empty() {
            let detail = format!("{} of {} do", decoded.len(), sample.len());
            return Err(self.failed("goroutines point to themselves", detail));
        }
        if let Some(strange) = decoded.iter().find(|header| header.status().is_none()) {
            return Err(self.failed("goroutines have a known status", format!("{:?} has not", strange.id)));
        }
        let live: Vec<&Header> = decoded
            .iter()
            .filter(|header| !matches!(header.status(), None | Some(Status::Dead | Status::Idle)))
            .collect();
        let Some(highest) = live.iter().map(|header| header.id.0).max() else { return Ok(()) };
        let distinct: FxHashSet<u64> = live.iter().map(|header| header.id.0).collect();
        if distinct.len() * 10 < live.len() * 9 {
            let detail = format!("{} goroutines have {} ids", live.len(), distinct.len());
            return Err(self.failed("goroutine ids are unique", detail));
        }
        let machinery = scheduler::read(self.program, memory, limits, &mut Gaps::default());
        let scheduler = machinery.unwrap_or_default().scheduler;
        let ahead = ID_BATCH * scheduler.processors.len() as u64;
        let given = scheduler.goroutine_id_limit.saturating_add(ahead);
        if highest > given {
            return Err(self.failed("goroutine ids have been given out", format!("{highest} > {given}")));
        }
        let odd_stack = |header: &&&Header| header.has_saved_stack() == (header.stack_lo >= header.stack_hi);
        let parked: Vec<&&Header> = live.iter().filter(|header| header.is_parked()).collect();
        let odd = parked.iter().filter(|header| odd_stack(header)).count();
        if odd * 10 > parked.len() {
            let detail = format!("not so for {odd} of {}", parked.len());
            return Err(self.failed("parked goroutines stand inside their stacks", detail));
        }
        let modules = &self.program.modules;
        let in_code = |at: Address| modules.iter().any(|module| module.data.has_code(at));
        // A goroutine that C code runs in (a cgo callback) was started with nothing.
        let started = live.iter().filter(|header| !header.startpc.is_null());
        let lost = started.filter(|header| !in_code(header.startpc)).count();
        if lost * 10 > live.len() {
            return Err(
                self.failed("goroutines start in code", format!("not so for {lost} of {}", live.len()))
            );
        }
        Ok(())
    }
}
