//! Registers of threads that run Go code: by perf events where allowed, else where a thread is blocked.

use go_runtime::{RunningThreads, ThreadRegisters};
use linux_process::{Process, ThreadActivity};
use process_memory::{SamplingLimits, ThreadSample, sample_threads};
use snapshot::Address;

use crate::thread_ids::ThreadIds;

/// Rounds of sampling: a sample may hit a thread in C, in the runtime's own stack or in another goroutine; the next
/// one may not.
const ROUNDS: usize = 3;

/// The threads of one process. To the runtime they have the target's own ids, to the system ours.
pub(crate) struct ProcessThreads<'p> {
    pub(crate) process: &'p Process,
    pub(crate) ids: &'p ThreadIds,
}

impl RunningThreads for ProcessThreads<'_> {
    fn registers(&self, tids: &[u32]) -> Vec<ThreadRegisters> {
        let mut all = Vec::new();
        let blocked: Vec<ThreadRegisters> = tids.iter().filter_map(|tid| self.blocked(*tid)).collect();
        let running = tids.iter().filter(|tid| !blocked.iter().any(|thread| thread.tid == **tid));
        let mut left: Vec<u32> = running.filter_map(|tid| self.ids.ours(*tid)).collect();
        all.extend(blocked);
        for _ in 0..ROUNDS {
            if left.is_empty() {
                break;
            }
            let (samples, errors) = sample_threads(&left, &SamplingLimits::default());
            // Threads that may not be sampled will not be next time either.
            left.retain(|tid| samples.iter().any(|sample| sample.tid == *tid) && errors.is_empty());
            all.extend(samples.into_iter().map(registers));
        }
        all
    }

    fn still_blocked(&self, registers: &ThreadRegisters) -> bool {
        self.blocked(registers.tid).is_some_and(|now| now == *registers)
    }
}

impl ProcessThreads<'_> {
    /// Where a blocked thread entered the kernel.
    fn blocked(&self, tid: u32) -> Option<ThreadRegisters> {
        let registers = match self.process.thread_activity(self.ids.ours(tid)?).ok()? {
            ThreadActivity::InSyscall { registers, .. } | ThreadActivity::Blocked { registers } => registers,
            ThreadActivity::Running => return None,
        };
        let (pc, sp) = (registers.program_counter, registers.stack_pointer);
        Some(ThreadRegisters { tid, pc, sp, lr: 0, g: None, stack: None })
    }
}

fn registers(sample: ThreadSample) -> ThreadRegisters {
    ThreadRegisters {
        tid: sample.tid,
        pc: sample.pc,
        sp: sample.sp,
        lr: sample.lr.unwrap_or(0),
        g: Some(Address(sample.g)),
        stack: Some(sample.stack),
    }
}
