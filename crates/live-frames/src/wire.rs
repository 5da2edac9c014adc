//! Frames as bytes.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;

use crate::error::FrameError;
use crate::head::Head;
use crate::row::Row;

const VERSION: u8 = 1;
const PREAMBLE: usize = 16;
/// Flags.
const EVERYTHING: u8 = 1;
const PACKED: u8 = 2;
/// Less is not worth packing.
const PACKED_FROM: usize = 1 << 14;
/// A frame of sixteen million goroutines has this many bytes, and no frame may have more.
const BYTES_MAX: usize = 512 << 20;
const ROW_BYTES: usize = 28;

/// A frame as it was read: rows with their places.
pub(crate) struct Received {
    pub(crate) head: Head,
    pub(crate) is_everything: bool,
    pub(crate) rows: Vec<(u32, Row)>,
}

/// Writes a frame of rows, given in the order of their places.
pub(crate) fn write(head: &Head, is_everything: bool, rows: &[(u32, Row)]) -> Vec<u8> {
    // Numbers and texts without maps: this cannot fail.
    let mut rest = serde_json::to_vec(head).unwrap_or_default();
    rest.resize(rest.len().next_multiple_of(8), b' ');
    let head_len = rest.len();
    rest.reserve_exact(rows.len() * ROW_BYTES);
    rows.iter().for_each(|(_, row)| rest.extend(row.id.to_le_bytes()));
    rows.iter().for_each(|(_, row)| rest.extend(row.since_ms.to_le_bytes()));
    rows.iter().for_each(|(place, _)| rest.extend(place.to_le_bytes()));
    rows.iter().for_each(|(_, row)| rest.extend(row.cohort.to_le_bytes()));
    rows.iter().for_each(|(_, row)| rest.extend(row.p.to_le_bytes()));
    let packed = (rest.len() >= PACKED_FROM).then(|| pack(&rest)).flatten();
    let flags = (u8::from(is_everything) * EVERYTHING) | (u8::from(packed.is_some()) * PACKED);
    let number = |len: usize| u32::try_from(len).unwrap_or(u32::MAX).to_le_bytes();
    let mut frame = vec![VERSION, flags, 0, 0];
    frame.extend([number(head_len), number(rows.len()), number(rest.len())].as_flattened());
    frame.extend(packed.unwrap_or(rest));
    frame
}

fn pack(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok()
}

/// Reads a frame.
///
/// # Errors
/// When it is not one.
pub(crate) fn read(frame: &[u8]) -> Result<Received, FrameError> {
    let (preamble, rest) = frame.split_first_chunk::<PREAMBLE>().ok_or(FrameError::Length)?;
    let [version, flags, _, _, numbers @ ..] = *preamble;
    if version != VERSION {
        return Err(FrameError::Version { version });
    }
    let mut numbers = numbers.as_chunks::<4>().0.iter().map(|bytes| u32::from_le_bytes(*bytes) as usize);
    let mut number = || numbers.next().unwrap_or_default();
    let (head_len, row_count, len) = (number(), number(), number());
    if len > BYTES_MAX
        || row_count.checked_mul(ROW_BYTES).and_then(|len| len.checked_add(head_len)) != Some(len)
    {
        return Err(FrameError::Length);
    }
    let mut unpacked = Vec::new();
    let rest = if flags & PACKED == 0 {
        rest
    } else {
        // One byte more than there should be tells that there is more.
        let limit = len as u64 + 1;
        ZlibDecoder::new(rest).take(limit).read_to_end(&mut unpacked).map_err(FrameError::Packed)?;
        &unpacked
    };
    if rest.len() != len {
        return Err(FrameError::Length);
    }
    let (head, columns) = rest.split_at(head_len);
    let head: Head = serde_json::from_slice(head).map_err(FrameError::Head)?;
    Ok(Received { head, is_everything: flags & EVERYTHING != 0, rows: rows_of(columns, row_count) })
}

/// The rows of columns that have the right length.
fn rows_of(columns: &[u8], count: usize) -> Vec<(u32, Row)> {
    let (wide, narrow) = columns.split_at(count * 16);
    let (ids, since) = wide.split_at(count * 8);
    let (places, narrow) = narrow.split_at(count * 4);
    let (cohorts, ps) = narrow.split_at(count * 4);
    let floats = |column: &[u8]| column.as_chunks::<8>().0.iter().map(|b| f64::from_le_bytes(*b)).collect();
    let words = |column: &[u8]| column.as_chunks::<4>().0.iter().map(|b| u32::from_le_bytes(*b)).collect();
    let (ids, since): (Vec<f64>, Vec<f64>) = (floats(ids), floats(since));
    let (places, cohorts, ps): (Vec<u32>, Vec<u32>, Vec<u32>) = (words(places), words(cohorts), words(ps));
    let numbers = places.into_iter().zip(cohorts).zip(ps);
    let rows = ids.into_iter().zip(since).zip(numbers);
    rows.map(|((id, since_ms), ((place, cohort), p))| {
        (place, Row { id, since_ms, cohort, p: p.cast_signed() })
    })
    .collect()
}
