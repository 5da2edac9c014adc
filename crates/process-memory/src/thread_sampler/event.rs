//! One thread's cpu-clock event and the ring into which the kernel writes its samples.

use std::os::fd::{AsRawFd, RawFd};

use perf_event::events::Software;
use perf_event::{Builder, SampleFlag, Sampler};

use super::record::{fixed_len, parse};
use super::registers::{self, RegisterSet};
use super::{RecordError, SamplerError, SamplingLimits, ThreadSample};

/// `PERF_RECORD_SAMPLE`
const RECORD_SAMPLE: u32 = 9;

/// An open event; dropping it ends the sampling, unmaps the ring and closes the descriptor.
pub(super) struct ThreadEvent {
    /// The thread.
    pub(super) tid: u32,
    sampler: Sampler,
    registers: RegisterSet,
}

impl ThreadEvent {
    /// Starts sampling a thread.
    ///
    /// # Errors
    /// All of [`SamplerError`] that is about one thread.
    pub(super) fn open(tid: u32, limits: &SamplingLimits) -> Result<ThreadEvent, SamplerError> {
        let registers = registers::NATIVE.ok_or(SamplerError::UnknownArchitecture)?;
        // 0 would mean this thread, and a negative number every thread.
        let pid = i32::try_from(tid).ok().filter(|pid| *pid > 0).ok_or(SamplerError::NoSuchThread)?;
        let stack_bytes = limits.stack_bytes.min(SamplingLimits::STACK_BYTES_MAX) & !7;
        let period_ns = u64::try_from(limits.period.as_nanos()).unwrap_or(u64::MAX >> 1).max(1);
        let counter = Builder::new(Software::CPU_CLOCK)
            .observe_pid(pid)
            .any_cpu()
            .exclude_kernel(true)
            .exclude_hv(true)
            // A period, not a frequency: a frequency above kernel.perf_event_max_sample_rate, which the
            // kernel lowers by itself under load, would be refused.
            .sample_period(period_ns)
            .sample(SampleFlag::TID | SampleFlag::REGS_USER | SampleFlag::STACK_USER)
            .sample_regs_user(registers.mask())
            .sample_stack_user(stack_bytes)
            .wakeup_events(1)
            .build()
            .map_err(|error| SamplerError::opening(&error))?;
        // The kernel leaves one byte of a ring unused. Records that no longer fit are dropped before their
        // stack is copied, so that later samples of an event that is not closed at once cost next to nothing.
        let ring_bytes = fixed_len(&registers) + stack_bytes as usize + 1;
        let mut sampler = counter.sampled(ring_bytes).map_err(|error| SamplerError::mapping(&error))?;
        // Only now, so that no sample can come before there is a ring for it.
        sampler.as_counter_mut().enable().map_err(|error| SamplerError::opening(&error))?;
        Ok(ThreadEvent { tid, sampler, registers })
    }

    /// The first sample in the ring, or `None` if there is none.
    ///
    /// # Errors
    /// [`RecordError`] if what the kernel wrote is not a sample of this thread.
    pub(super) fn take(&mut self) -> Result<Option<ThreadSample>, RecordError> {
        while let Some(record) = self.sampler.next_record() {
            // Other records (throttling, lost samples) say nothing about where the thread is.
            if record.ty() == RECORD_SAMPLE {
                return parse(&record.to_contiguous(), self.tid, &self.registers).map(Some);
            }
        }
        Ok(None)
    }
}

impl AsRawFd for ThreadEvent {
    fn as_raw_fd(&self) -> RawFd {
        self.sampler.as_raw_fd()
    }
}
