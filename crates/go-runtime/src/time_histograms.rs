//! Histograms of durations, which the runtime counts for `runtime/metrics` all the time.

use go_binary::Bytes;
use process_memory::{ProcessMemory, ReadError, ReadValues};
use snapshot::{Address, TimeBucket, TimeHistogram};

use crate::fields::TimeHistogramFields;

/// Reads one that is in the structure at `base`. Buckets are counted one by one: durations that end meanwhile may or may
/// not be in it.
pub(crate) fn read<M: ProcessMemory>(
    memory: &M,
    base: Address,
    fields: &TimeHistogramFields,
) -> Result<TimeHistogram, ReadError> {
    let bytes = memory.read_vec(base.offset(fields.start as u64), fields.size)?;
    let word = |at| bytes.u64_at(at).unwrap_or_default();
    let (first, array) = fields.counts;
    let shape = fields.shape;
    let is_last = |n: u32| fields.overflow.is_none() && n + 1 == array.len;
    let of_array = (0..array.len).map(|n| TimeBucket {
        from_ns: shape.start_ns(n),
        below_ns: (!is_last(n)).then(|| shape.start_ns(n + 1)),
        count: word(first + n as usize * array.stride as usize),
    });
    let negative = TimeBucket { from_ns: 0, below_ns: Some(0), count: word(fields.underflow) };
    let too_long = fields.overflow.map(|at| TimeBucket {
        from_ns: shape.start_ns(array.len),
        below_ns: None,
        count: word(at),
    });
    let all = [negative].into_iter().chain(of_array).chain(too_long);
    Ok(TimeHistogram { buckets: all.filter(|bucket| bucket.count > 0).collect() })
}
