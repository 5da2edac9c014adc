//! From a moment to the bytes of its record.

use std::io::{BufWriter, Write};

use serde::Serialize;

use crate::error::EncodeError;
use crate::layout::{HEAD_BYTES, Head, MOMENT, STORED_BYTES_MAX, UNPACKED_BYTES_MAX};
use crate::moment::Moment;

/// Higher levels take several times as long for a tenth less.
const LEVEL: i32 = 1;
/// Bytes handed to the compressor at once.
const CHUNK_BYTES: usize = 128 << 10;

/// The record of a moment, to be appended to a file that began with [`header`](crate::header): whole, or the file is
/// to be cut to what it was.
///
/// # Errors
/// When the moment is larger than readers accept.
pub fn encode(moment: &Moment) -> Result<Vec<u8>, EncodeError> {
    let compression = EncodeError::Compression;
    let packer = zstd::Encoder::new(vec![0; HEAD_BYTES], LEVEL).map_err(compression)?;
    let mut counted = Counted { to: BufWriter::with_capacity(CHUNK_BYTES, packer), bytes: 0 };
    moment.serialize(&mut rmp_serde::Serializer::new(&mut counted).with_struct_map())?;
    let Counted { to, bytes: unpacked_bytes } = counted;
    let packer = to.into_inner().map_err(|error| compression(error.into_error()))?;
    let mut record = packer.finish().map_err(compression)?;
    let stored = record.get(HEAD_BYTES..).unwrap_or_default();
    let head = Head {
        kind: MOMENT,
        goroutines: u32::try_from(moment.snapshot.goroutines.len()).unwrap_or(u32::MAX),
        stored_bytes: stored.len() as u64,
        unpacked_bytes,
        taken_at_unix_ms: moment.snapshot.taken_at_unix_ms,
        taken_at_monotonic_ns: moment.snapshot.taken_at_monotonic_ns,
        stored_crc: crc32fast::hash(stored),
    };
    if head.stored_bytes > STORED_BYTES_MAX || unpacked_bytes > UNPACKED_BYTES_MAX {
        return Err(EncodeError::TooLarge);
    }
    for (byte, value) in record.iter_mut().zip(head.to_bytes()) {
        *byte = value;
    }
    Ok(record)
}

/// A recording of one record that stores what is given instead of a moment's MessagePack, with all checksums right: for
/// tests of what comes behind them. The times of the record are those of a moment at time 0. `None` if it cannot be packed.
#[doc(hidden)]
pub fn with_stored(unpacked: &[u8]) -> Option<Vec<u8>> {
    let stored = zstd::bulk::compress(unpacked, LEVEL).ok()?;
    let head = Head {
        kind: MOMENT,
        goroutines: 0,
        stored_bytes: stored.len() as u64,
        unpacked_bytes: unpacked.len() as u64,
        taken_at_unix_ms: 0,
        taken_at_monotonic_ns: 0,
        stored_crc: crc32fast::hash(&stored),
    };
    Some([crate::layout::header().as_slice(), &head.to_bytes(), &stored].concat())
}

/// Counts what is written.
struct Counted<W> {
    to: W,
    bytes: u64,
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.to.write(bytes)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.to.flush()
    }
}
