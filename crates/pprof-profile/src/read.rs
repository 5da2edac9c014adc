//! Reading a profile, trusting nothing in it.

use std::io::Read;

use flate2::read::MultiGzDecoder;
use prost::Message;
use prost::encoding::{DecodeContext, WireType, decode_key, skip_field};
use rustc_hash::FxHashMap;

use crate::proto::{Function, Location, Profile, Sample};

/// Bounds on what is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadLimits {
    /// Bytes of the profile after decompression.
    pub bytes: usize,
    /// Samples, locations, functions, texts and so on, together: each takes up to about 100 bytes of
    /// memory, however few bytes it takes in the file.
    pub records: usize,
}

impl Default for ReadLimits {
    /// 32 MiB and 4 million records: room for a goroutine profile of several 100,000 distinct stacks.
    fn default() -> Self {
        ReadLimits { bytes: 32 << 20, records: 4_000_000 }
    }
}

/// Why a profile was refused.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The compressed data is damaged.
    #[error("damaged gzip data")]
    Gzip(#[source] std::io::Error),
    /// It is larger than allowed.
    #[error("profile is larger than {limit} bytes uncompressed")]
    TooLarge {
        /// The limit.
        limit: usize,
    },
    /// It has more records than allowed.
    #[error("profile has more than {limit} records")]
    TooManyRecords {
        /// The limit.
        limit: usize,
    },
    /// It is no protobuf message of this kind.
    #[error("not a pprof profile")]
    Protobuf(#[source] prost::DecodeError),
    /// It has no sample types, which every profile has.
    #[error("not a pprof profile: no sample types")]
    NoSampleTypes,
    /// A reference leads nowhere.
    #[error("profile refers to {kind} {id}, which it does not have")]
    Dangling {
        /// What is missing: `text`, `location` or `function`.
        kind: &'static str,
        /// Its id, as in the profile.
        id: i128,
    },
    /// A sample has another number of values than there are sample types.
    #[error("sample {sample} has {values} values for {types} sample types")]
    ValueCount {
        /// Number of the sample, from 0.
        sample: usize,
        /// Its values.
        values: usize,
        /// Sample types of the profile.
        types: usize,
    },
}

/// A profile whose references have all been checked.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadProfile {
    profile: Profile,
    locations: FxHashMap<u64, usize>,
    functions: FxHashMap<u64, usize>,
}

/// One sample of a profile.
#[derive(Debug, Clone, Copy)]
pub struct ReadSample<'a> {
    profile: &'a ReadProfile,
    sample: &'a Sample,
}

/// One frame of a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadFrame<'a> {
    /// The function's name.
    pub function: &'a str,
    /// Its source file.
    pub file: &'a str,
    /// The line; 0 if unknown.
    pub line: i64,
    /// The address of the instruction; 0 if unknown.
    pub address: u64,
    /// Whether this call was inlined into the next frame.
    pub inlined: bool,
}

/// Reads a profile, gzip-compressed or not.
pub fn read(bytes: &[u8], limits: &ReadLimits) -> Result<ReadProfile, ReadError> {
    let mut unpacked = Vec::new();
    let bytes = if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut bounded = MultiGzDecoder::new(bytes).take(limits.bytes as u64 + 1);
        bounded.read_to_end(&mut unpacked).map_err(ReadError::Gzip)?;
        unpacked.as_slice()
    } else {
        bytes
    };
    if bytes.len() > limits.bytes {
        return Err(ReadError::TooLarge { limit: limits.bytes });
    }
    let mut left = limits.records;
    count_records(bytes, 0, &mut left)
        .map_err(ReadError::Protobuf)?
        .ok_or(ReadError::TooManyRecords { limit: limits.records })?;
    let profile = Profile::decode(bytes).map_err(ReadError::Protobuf)?;
    check(profile)
}

/// Counts the messages, texts and numbers that decoding would store, before any of it is stored: an empty
/// sample is two bytes in a file, and a hundred in memory. `None` if there are more than `left`.
fn count_records(mut bytes: &[u8], depth: u32, left: &mut usize) -> Result<Option<()>, prost::DecodeError> {
    while !bytes.is_empty() {
        let (tag, wire_type) = decode_key(&mut bytes)?;
        match left.checked_sub(1) {
            Some(rest) => *left = rest,
            None => return Ok(None),
        }
        if wire_type != WireType::LengthDelimited {
            skip_field(wire_type, tag, &mut bytes, DecodeContext::default())?;
            continue;
        }
        let whole = bytes;
        skip_field(wire_type, tag, &mut bytes, DecodeContext::default())?;
        // Samples (labels, packed ids and values) and locations (lines) have inner records.
        if depth == 0 && matches!(tag, 2 | 4) {
            let mut field = whole;
            let length = prost::encoding::decode_varint(&mut field)?;
            let length = usize::try_from(length).unwrap_or(usize::MAX).min(field.len());
            let inner = field.get(..length).unwrap_or_default();
            if count_records(inner, 1, left)?.is_none() {
                return Ok(None);
            }
        }
    }
    Ok(Some(()))
}

fn check(profile: Profile) -> Result<ReadProfile, ReadError> {
    if profile.sample_type.is_empty() {
        return Err(ReadError::NoSampleTypes);
    }
    let functions = profile.function.iter().enumerate().map(|(at, f)| (f.id, at)).collect();
    let locations = profile.location.iter().enumerate().map(|(at, l)| (l.id, at)).collect();
    let read = ReadProfile { profile, locations, functions };
    let profile = &read.profile;

    let types = profile.sample_type.iter().flat_map(|t| [t.r#type, t.unit]);
    let names = profile.function.iter().flat_map(|f| [f.name, f.filename]);
    let labels = profile.sample.iter().flat_map(|s| &s.label).flat_map(|l| [l.key, l.str]);
    for index in types.chain(names).chain(labels) {
        let found = usize::try_from(index).is_ok_and(|index| index < profile.string_table.len().max(1));
        found.then_some(()).ok_or(ReadError::Dangling { kind: "text", id: index.into() })?;
    }
    for line in profile.location.iter().flat_map(|l| &l.line) {
        if !read.functions.contains_key(&line.function_id) {
            return Err(ReadError::Dangling { kind: "function", id: line.function_id.into() });
        }
    }
    for (at, sample) in profile.sample.iter().enumerate() {
        let (values, types) = (sample.value.len(), profile.sample_type.len());
        if values != types {
            return Err(ReadError::ValueCount { sample: at, values, types });
        }
        if let Some(&id) = sample.location_id.iter().find(|id| !read.locations.contains_key(id)) {
            return Err(ReadError::Dangling { kind: "location", id: id.into() });
        }
    }
    Ok(read)
}

impl ReadProfile {
    /// What the values of each sample count, as (type, unit): `("goroutine", "count")`.
    pub fn sample_types(&self) -> impl Iterator<Item = (&str, &str)> {
        self.profile.sample_type.iter().map(|t| (self.text(t.r#type), self.text(t.unit)))
    }

    /// When the profile was taken, nanoseconds since the Unix epoch; 0 if it does not say.
    pub fn time_nanos(&self) -> i64 {
        self.profile.time_nanos
    }

    /// The file of the first mapping, which is the executable by convention; empty if none.
    pub fn executable(&self) -> &str {
        self.profile.mapping.first().map_or("", |mapping| self.text(mapping.filename))
    }

    /// All samples, in file order.
    pub fn samples(&self) -> impl ExactSizeIterator<Item = ReadSample<'_>> {
        self.profile.sample.iter().map(|sample| ReadSample { profile: self, sample })
    }

    fn text(&self, index: i64) -> &str {
        usize::try_from(index).ok().and_then(|index| self.profile.string_table.get(index)).map_or("", |t| t)
    }

    fn location(&self, id: u64) -> Option<&Location> {
        self.profile.location.get(*self.locations.get(&id)?)
    }

    fn function(&self, id: u64) -> Option<&Function> {
        self.profile.function.get(*self.functions.get(&id)?)
    }
}

impl<'a> ReadSample<'a> {
    /// One value for each sample type.
    pub fn values(&self) -> &'a [i64] {
        &self.sample.value
    }

    /// Text labels as (key, value), in file order.
    pub fn labels(&self) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        let profile = self.profile;
        let texts = self.sample.label.iter().filter(|label| label.num == 0);
        texts.map(|label| (profile.text(label.key), profile.text(label.str)))
    }

    /// The frames, leaf first, inlined calls before the function that they were inlined into.
    pub fn frames(&self) -> impl Iterator<Item = ReadFrame<'a>> + use<'a> {
        let profile = self.profile;
        let locations = self.sample.location_id.iter().filter_map(|&id| profile.location(id));
        locations.flat_map(move |location| {
            let last = location.line.len().saturating_sub(1);
            location.line.iter().enumerate().filter_map(move |(at, line)| {
                let function = profile.function(line.function_id)?;
                Some(ReadFrame {
                    function: profile.text(function.name),
                    file: profile.text(function.filename),
                    line: line.line,
                    address: location.address,
                    inlined: at < last,
                })
            })
        })
    }
}
