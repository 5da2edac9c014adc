//! One copy of a target's heap: while it is stopped, or while it does as it likes, which may be nothing.

use std::thread::sleep;
use std::time::{Duration, Instant};

use go_runtime::heap::{CopiedHeap, CopyError, StandingThread, Stillness};
use linux_process::Rest;
use process_memory::{FreezeLimits, ReadError};

use crate::error::CaptureError;
use crate::session::Session;

/// A target that runs on is waited for so long to come to rest before it is copied, and asked so often whether it has.
const REST_AWAITED: Duration = Duration::from_millis(20);
const REST_ASKED: Duration = Duration::from_micros(200);

/// A copy, and what the target did meanwhile.
pub(crate) struct HeapLook {
    pub(crate) copy: CopiedHeap,
    /// How long the target was stopped, if it was.
    pub(crate) frozen: Option<Duration>,
    /// How long the copy took, if no thread of the target ran when it was begun. None ran until its end either if the copy
    /// is of one moment.
    pub(crate) at_rest: Option<Duration>,
}

impl Session {
    /// Copies the target's heap; with `freeze` while it is stopped, for so long at most.
    pub(crate) fn copy_heap(&self, freeze: Option<Duration>) -> Result<HeapLook, CaptureError> {
        let failed = |cause| self.copy_failed(cause);
        let (runtime, memory) = (self.runtime(), self.memory());
        let plan = runtime.plan_copy(memory).map_err(failed)?;
        let Some(deadline) = freeze else {
            let (rest, began) = (self.await_rest(), Instant::now());
            let at_rest = || rest.is_some() && Rest::of(self.process()) == rest;
            let copy = runtime.copy_heap(memory, &plan, Stillness::AtRest(&at_rest)).map_err(failed)?;
            let at_rest = rest.as_ref().map(|_| began.elapsed());
            return self.what_became().map_or(Ok(HeapLook { copy, frozen: None, at_rest }), Err);
        };
        let limits = FreezeLimits { deadline, ..FreezeLimits::default() };
        let frozen = self.freeze(&limits, |standstill| {
            let thread_of = |procid| {
                let registers = &standstill.thread_of(procid)?.registers;
                let further = [registers.bp, registers.g].into_iter().chain(registers.lr);
                let words = registers.general.iter().chain(&registers.vector).copied().chain(further);
                Some(StandingThread { sp: registers.sp, registers: words.collect() })
            };
            runtime.copy_heap(memory, &plan, Stillness::Stopped(&thread_of))
        })?;
        if frozen.expired {
            return Err(CaptureError::FreezeTooShort { pid: self.target().pid, deadline });
        }
        let copy = frozen.value.map_err(failed)?;
        Ok(HeapLook { copy, frozen: Some(frozen.stopped), at_rest: None })
    }

    /// Waits until no thread of the target runs, for a short while.
    fn await_rest(&self) -> Option<Rest> {
        let until = Instant::now() + REST_AWAITED;
        loop {
            let rest = Rest::of(self.process());
            if rest.is_some() || Instant::now() >= until {
                return rest;
            }
            sleep(REST_ASKED);
        }
    }

    pub(crate) fn copy_failed(&self, cause: CopyError) -> CaptureError {
        match cause {
            CopyError::Memory(cause) => self.unreadable(cause),
            cause => CaptureError::Heap { pid: self.target().pid, cause },
        }
    }

    pub(crate) fn unreadable(&self, cause: ReadError) -> CaptureError {
        self.what_became().unwrap_or(CaptureError::Memory { pid: self.target().pid, cause })
    }
}
