//! Blocks as bytes.
//!
//! ```text
//! kind (1 plain, 2 deflated) · points · five columns of the points · series
//! series: key · facets (bits) · for each facet: runs of presence (left out, present)… · column of values
//! ```
//!
//! Columns are differences of neighbours as variable-length numbers, runs of equal values counted. Bytes of a file may be
//! damaged: decoding refuses what it does not understand, and its memory is bounded.

use std::io::Read as _;
use std::ops::Range;

use flate2::Compression;
use flate2::read::{DeflateDecoder, DeflateEncoder};

use super::varint::{self, Reader};
use super::{Block, Facet, Key, Point, SumKey, Values, index};

const PLAIN: u8 = 1;
const DEFLATED: u8 = 2;

/// Blocks with fewer bytes are not worth compressing.
const WORTH_DEFLATING_BYTES: usize = 1_024;
/// Bytes of a block that was deflated.
const BYTES_MAX: usize = 64 << 20;
/// Points of a block: an hour has 720 at 5 s.
const POINTS_MAX: usize = 1 << 16;
/// Values of a block: an hour with 1,000 series has 720,000.
const VALUES_MAX: usize = 1 << 23;
/// Series of a block.
const SERIES_MAX: usize = 1 << 20;

/// Why bytes are no block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// They end too early.
    #[error("it ends too early")]
    Short,
    /// There are bytes after the end.
    #[error("there is something after its end")]
    Long,
    /// A number has too many bits.
    #[error("a number has more than 64 bits")]
    Number,
    /// There is more of something than can be right.
    #[error("it claims to have more than can be right")]
    TooMany,
    /// A kind of block, key or column that is not known.
    #[error("it has something of an unknown kind")]
    Unknown,
    /// It cannot be decompressed.
    #[error("it cannot be decompressed")]
    Compression,
}

/// The bytes of a block.
pub(crate) fn encode(block: &Block) -> Vec<u8> {
    let mut plain = vec![PLAIN];
    put_points(&mut plain, &block.points);
    let mut series: Vec<(Key, Vec<(Facet, &Values)>)> = Vec::new();
    for (&(key, facet), values) in &block.columns {
        match series.last_mut() {
            Some((last, facets)) if *last == key => facets.push((facet, values)),
            _ => series.push((key, vec![(facet, values)])),
        }
    }
    varint::put(&mut plain, series.len() as u64);
    for (key, facets) in series {
        put_key(&mut plain, key);
        plain.push(facets.iter().map(|(facet, _)| 1 << *facet as u8).sum());
        facets.iter().for_each(|(_, values)| put_values(&mut plain, values));
    }
    if plain.len() < WORTH_DEFLATING_BYTES {
        return plain;
    }
    let mut deflated = vec![DEFLATED];
    let payload = plain.get(1..).unwrap_or_default();
    match DeflateEncoder::new(payload, Compression::default()).read_to_end(&mut deflated) {
        Ok(_) if deflated.len() < plain.len() => deflated,
        _ => plain,
    }
}

fn put_points(bytes: &mut Vec<u8>, points: &[Point]) {
    varint::put(bytes, points.len() as u64);
    let mut previous = 0i64;
    // Ticks are equally far from each other: what is stored is how that distance changes.
    let times = points.iter().map(|point| {
        let distance = point.at_ms.cast_signed().wrapping_sub(previous);
        previous = point.at_ms.cast_signed();
        distance
    });
    varint::put_column(bytes, times);
    varint::put_column(bytes, points.iter().map(|point| point.ticks.cast_signed()));
    varint::put_column(bytes, points.iter().map(|point| point.full.cast_signed()));
    varint::put_column(bytes, points.iter().map(|point| i64::from(point.last_full)));
    varint::put_column(bytes, points.iter().map(|point| point.unread.cast_signed()));
}

fn put_key(bytes: &mut Vec<u8>, key: Key) {
    let (kind, numbers): (u8, &[u64]) = match key {
        Key::Count { place, status, reason, labels } => (0, &[place, u64::from(status), reason, labels]),
        Key::Counter { name } => (1, &[name]),
        Key::Gauge { name } => (2, &[name]),
        Key::Sum(SumKey::Total) => (3, &[]),
        Key::Sum(SumKey::Status(status)) => (4, &[u64::from(status)]),
        Key::Sum(SumKey::Reason(reason)) => (5, &[reason]),
        Key::Sum(SumKey::Place(place)) => (6, &[place]),
        Key::Sum(SumKey::Label { key, value }) => (7, &[key, value]),
    };
    bytes.push(kind);
    numbers.iter().for_each(|&number| varint::put(bytes, number));
}

fn put_values(bytes: &mut Vec<u8>, values: &Values) {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for &(index, _) in values {
        match runs.last_mut() {
            Some((start, count)) if *start + *count == index => *count += 1,
            _ => runs.push((index, 1)),
        }
    }
    varint::put(bytes, runs.len() as u64);
    let mut end = 0;
    for (start, count) in runs {
        varint::put(bytes, u64::from(start - end));
        varint::put(bytes, u64::from(count - 1));
        end = start + count;
    }
    varint::put_column(bytes, values.iter().map(|(_, value)| *value));
}

/// The block that bytes are.
pub(crate) fn decode(bytes: &[u8]) -> Result<Block, DecodeError> {
    decode_wanted(bytes, &|_| true)
}

/// The block that bytes are, with those series only that are wanted. The others are read over, and as wrong as they would
/// be otherwise: what is refused does not depend on what is wanted.
pub(crate) fn decode_wanted(bytes: &[u8], wanted: &dyn Fn(Key) -> bool) -> Result<Block, DecodeError> {
    let (&kind, payload) = bytes.split_first().ok_or(DecodeError::Short)?;
    match kind {
        PLAIN => decode_plain(payload, wanted),
        DEFLATED => {
            let mut plain = Vec::new();
            let mut decoder = DeflateDecoder::new(payload).take(BYTES_MAX as u64 + 1);
            decoder.read_to_end(&mut plain).map_err(|_| DecodeError::Compression)?;
            if plain.len() > BYTES_MAX {
                return Err(DecodeError::TooMany);
            }
            decode_plain(&plain, wanted)
        }
        _ => Err(DecodeError::Unknown),
    }
}

fn decode_plain(payload: &[u8], wanted: &dyn Fn(Key) -> bool) -> Result<Block, DecodeError> {
    let mut reader = Reader(payload);
    let mut block = Block { points: points(&mut reader)?, ..Block::default() };
    let mut left = VALUES_MAX;
    for _ in 0..reader.count(SERIES_MAX)? {
        let key = key(&mut reader)?;
        let facets = reader.byte()?;
        if facets >> Facet::ALL.len() != 0 {
            return Err(DecodeError::Unknown);
        }
        let is_wanted = wanted(key);
        for facet in Facet::ALL.into_iter().filter(|facet| facets >> *facet as u8 & 1 == 1) {
            let (runs, count) = runs(&mut reader, block.points.len(), left)?;
            left -= count;
            if is_wanted {
                block.columns.insert((key, facet), values(&mut reader, &runs, count)?);
            } else {
                reader.column(count, |_, _| {})?;
            }
        }
    }
    if reader.0.is_empty() { Ok(block) } else { Err(DecodeError::Long) }
}

fn points(reader: &mut Reader<'_>) -> Result<Vec<Point>, DecodeError> {
    let count = reader.count(POINTS_MAX)?;
    let mut points = vec![Point::default(); count];
    let mut at_ms = 0i64;
    column(reader, &mut points, |point, distance| {
        at_ms = at_ms.wrapping_add(distance);
        point.at_ms = at_ms.cast_unsigned();
    })?;
    column(reader, &mut points, |point, value| point.ticks = value.cast_unsigned())?;
    column(reader, &mut points, |point, value| point.full = value.cast_unsigned())?;
    column(reader, &mut points, |point, value| point.last_full = value != 0)?;
    column(reader, &mut points, |point, value| point.unread = value.cast_unsigned())?;
    Ok(points)
}

fn column(
    reader: &mut Reader<'_>,
    points: &mut [Point],
    mut set: impl FnMut(&mut Point, i64),
) -> Result<(), DecodeError> {
    let count = points.len();
    let mut points = points.iter_mut();
    reader.column(count, |value, same| points.by_ref().take(same).for_each(|point| set(point, value)))
}

fn key(reader: &mut Reader<'_>) -> Result<Key, DecodeError> {
    let kind = reader.byte()?;
    Ok(match kind {
        0 => {
            let place = reader.number()?;
            let status = status(reader)?;
            Key::Count { place, status, reason: reader.number()?, labels: reader.number()? }
        }
        1 => Key::Counter { name: reader.number()? },
        2 => Key::Gauge { name: reader.number()? },
        3 => Key::Sum(SumKey::Total),
        4 => Key::Sum(SumKey::Status(status(reader)?)),
        5 => Key::Sum(SumKey::Reason(reader.number()?)),
        6 => Key::Sum(SumKey::Place(reader.number()?)),
        7 => Key::Sum(SumKey::Label { key: reader.number()?, value: reader.number()? }),
        _ => return Err(DecodeError::Unknown),
    })
}

fn status(reader: &mut Reader<'_>) -> Result<u8, DecodeError> {
    let status = u8::try_from(reader.number()?).map_err(|_| DecodeError::Unknown)?;
    if usize::from(status) < snapshot::Status::ALL.len() { Ok(status) } else { Err(DecodeError::Unknown) }
}

/// Which points have a value, and how many these are.
fn runs(
    reader: &mut Reader<'_>,
    points: usize,
    limit: usize,
) -> Result<(Vec<Range<u32>>, usize), DecodeError> {
    let mut runs = Vec::new();
    let (mut end, mut count) = (0usize, 0usize);
    for _ in 0..reader.count(points)? {
        let start = end + reader.count(points.saturating_sub(end))?;
        let present = 1 + reader.count(points.saturating_sub(start).saturating_sub(1))?;
        end = start + present;
        count += present;
        if end > points || count > limit {
            return Err(DecodeError::TooMany);
        }
        runs.push(index(start)..index(end));
    }
    Ok((runs, count))
}

fn values(reader: &mut Reader<'_>, runs: &[Range<u32>], count: usize) -> Result<Values, DecodeError> {
    let mut values = Values::with_capacity(count);
    let mut indices = runs.iter().cloned().flatten();
    reader.column(count, |value, same| {
        values.extend(indices.by_ref().take(same).map(|index| (index, value)));
    })?;
    Ok(values)
}

/// Numbers one after the other, for what is stored beside blocks.
pub(crate) fn encode_numbers(numbers: &[u64]) -> Vec<u8> {
    let mut bytes = Vec::new();
    numbers.iter().for_each(|&number| varint::put(&mut bytes, number));
    bytes
}

/// The numbers that bytes are.
pub(crate) fn decode_numbers(bytes: &[u8]) -> Result<Vec<u64>, DecodeError> {
    let mut reader = Reader(bytes);
    let mut numbers = Vec::new();
    while !reader.0.is_empty() {
        numbers.push(reader.number()?);
    }
    Ok(numbers)
}
