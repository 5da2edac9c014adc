//! Samples of running threads, as the kernel puts them into its ring.

use process_memory::ThreadSample;
use snapshot::Architecture;

/// The thread that was asked for: the seeds are of this one.
const THREAD: u32 = 9;

/// The first byte chooses the architecture; the rest is the record.
pub fn check(bytes: &[u8]) {
    let Some((which, record)) = bytes.split_first() else { return };
    let architecture = if which % 2 == 0 { Architecture::Amd64 } else { Architecture::Arm64 };
    let Ok(sample) = ThreadSample::from_record(record, THREAD, architecture) else { return };
    assert!(sample.stack.len() < record.len());
    assert_eq!((sample.tid, sample.stack_at), (THREAD, sample.sp));
    assert_eq!(sample.lr.is_some(), architecture == Architecture::Arm64);
}
