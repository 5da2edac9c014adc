//! Ways of reading the same memory, and what each costs in time.

use std::fs::File;
use std::io::IoSliceMut;
use std::os::unix::fs::FileExt;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use nix::sys::uio::{RemoteIoVec, preadv, process_vm_readv};
use nix::time::{ClockId, clock_gettime};
use nix::unistd::Pid;
use process_memory::{BatchedRead, LiveMemory, ProcessMemory};
use snapshot::Address;

use crate::plan::{Range, pages_pinned};

/// How bytes get here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    /// As gostat does: `LiveMemory::read_batch`, with a buffer of its own for each range.
    ReadBatch,
    /// `process_vm_readv` into one buffer.
    Vectored,
    /// `/proc/PID/mem`, one `pread` a range.
    Pread,
    /// `/proc/PID/mem`, one `preadv` a range, into buffers of one page.
    Preadv,
    /// Not read at all: as many bytes are copied from our own memory.
    OwnMemory,
}

/// One line of the table.
#[derive(Debug)]
pub(crate) struct Way {
    pub(crate) name: String,
    how: How,
    threads: usize,
    calls: Vec<Vec<Range>>,
    pub(crate) wall: Vec<f64>,
    pub(crate) cpu: Vec<f64>,
}

impl Way {
    pub(crate) fn new(name: impl Into<String>, how: How, calls: Vec<Vec<Range>>) -> Way {
        Way { name: name.into(), how, threads: 1, calls, wall: Vec::new(), cpu: Vec::new() }
    }

    pub(crate) fn on_threads(self, threads: usize) -> Way {
        Way { threads, ..self }
    }

    /// System calls, ranges, pages and bytes.
    pub(crate) fn amounts(&self) -> [usize; 4] {
        let ranges: Vec<Range> = self.calls.concat();
        let calls =
            if matches!(self.how, How::Pread | How::Preadv) { ranges.len() } else { self.calls.len() };
        [calls, ranges.len(), pages_pinned(&ranges), ranges.iter().map(|range| range.len).sum()]
    }

    /// Bytes of the longest call: what a buffer has to hold.
    fn buffer_bytes(&self) -> usize {
        self.calls.iter().map(|call| call.iter().map(|range| range.len).sum()).max().unwrap_or_default()
    }

    /// Reads everything once and notes what it took, in milliseconds.
    pub(crate) fn measure(&mut self, pid: u32) -> Result<()> {
        let share = self.calls.len().div_ceil(self.threads).max(1);
        let mut buffers = vec![vec![1; self.buffer_bytes()]; self.threads];
        let own = if self.how == How::OwnMemory { vec![vec![2; self.amounts()[3]]] } else { Vec::new() };
        let (began, cpu_before) = (Instant::now(), cpu_time()?);
        let (how, calls, own) = (self.how, &self.calls, &own);
        std::thread::scope(|scope| {
            let mut parts = calls.chunks(share).zip(&mut buffers);
            let first = parts.next();
            let others: Vec<_> =
                parts.map(|(part, buffer)| scope.spawn(move || read(how, pid, part, buffer, own))).collect();
            if let Some((part, buffer)) = first {
                read(how, pid, part, buffer, own)?;
            }
            others
                .into_iter()
                .try_for_each(|other| other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
        })?;
        self.wall.push(began.elapsed().as_secs_f64() * 1e3);
        self.cpu.push((cpu_time()? - cpu_before).as_secs_f64() * 1e3);
        Ok(())
    }
}

/// Makes the calls, each into the start of `buffer`.
fn read(how: How, pid: u32, calls: &[Vec<Range>], buffer: &mut [u8], own: &[Vec<u8>]) -> Result<()> {
    let memory = LiveMemory::of(pid);
    let raw_pid = Pid::from_raw(i32::try_from(pid)?);
    let file = File::open(format!("/proc/{pid}/mem"))?;
    let mut copied = 0;
    for call in calls {
        match how {
            How::ReadBatch => read_batch(&memory, call, buffer)?,
            How::Vectored => read_vectored(raw_pid, call, buffer)?,
            How::Pread => {
                for (range, part) in call.iter().zip(parts(call, buffer)) {
                    file.read_exact_at(part, range.at)?;
                }
            }
            How::Preadv => {
                for (range, part) in call.iter().zip(parts(call, buffer)) {
                    let mut pages: Vec<_> = part.chunks_mut(4096).map(IoSliceMut::new).collect();
                    ensure!(preadv(&file, &mut pages, i64::try_from(range.at)?)? == range.len);
                }
            }
            How::OwnMemory => {
                for part in parts(call, buffer) {
                    let from = own.first().and_then(|own| own.get(copied..copied + part.len()));
                    from.into_iter().for_each(|from| part.copy_from_slice(from));
                    copied += part.len();
                }
            }
        }
    }
    std::hint::black_box(buffer);
    Ok(())
}

fn read_batch(memory: &LiveMemory, call: &[Range], buffer: &mut [u8]) -> Result<()> {
    let mut reads: Vec<BatchedRead<'_>> = call
        .iter()
        .zip(parts(call, buffer))
        .map(|(range, part)| BatchedRead::new(Address(range.at), part))
        .collect();
    memory.read_batch(&mut reads);
    reads.into_iter().try_for_each(|read| read.outcome)?;
    Ok(())
}

fn read_vectored(pid: Pid, call: &[Range], buffer: &mut [u8]) -> Result<()> {
    let mut remote = Vec::with_capacity(call.len());
    let mut wanted = 0;
    for range in call {
        remote.push(RemoteIoVec { base: usize::try_from(range.at)?, len: range.len });
        wanted += range.len;
    }
    let part = buffer.get_mut(..wanted).unwrap_or_default();
    let obtained = process_vm_readv(pid, &mut [IoSliceMut::new(part)], &remote)?;
    ensure!(obtained == wanted, "{obtained} of {wanted} bytes");
    Ok(())
}

/// The buffer, cut into pieces as long as the ranges.
fn parts<'b>(call: &[Range], buffer: &'b mut [u8]) -> impl Iterator<Item = &'b mut [u8]> {
    let mut rest = buffer;
    call.iter().map(|range| range.len).collect::<Vec<_>>().into_iter().map_while(move |len| {
        let (part, tail) = std::mem::take(&mut rest).split_at_mut_checked(len)?;
        rest = tail;
        Some(part)
    })
}

/// Processor time of all our threads.
fn cpu_time() -> Result<Duration> {
    Ok(Duration::from(clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID)?))
}
