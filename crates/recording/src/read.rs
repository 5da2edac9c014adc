//! Reading a recording: what is in it, up to where it is damaged, and each moment when it is wanted.

use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};

use serde::Deserialize;

use crate::check::check;
use crate::error::{Inconsistency, OpenError, ReadError};
use crate::layout::{
    HEAD_BYTES, HEADER_BYTES, Head, MAGIC, MOMENT, STORED_BYTES_MAX, UNPACKED_BYTES_MAX, VERSION, header_of,
};
use crate::moment::Moment;

/// Lists of lists end here; a moment has not half as many.
const DEPTH_MAX: usize = 32;
/// Bytes of a file that are checked at once.
const CHUNK_BYTES: usize = 256 << 10;

/// An open recording.
#[derive(Debug)]
pub struct Recording<R> {
    file: R,
    moments: Vec<MomentInfo>,
    damage: Option<Damage>,
}

/// What is known of a moment without unpacking it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MomentInfo {
    /// Wall clock when reading the process began, milliseconds since the Unix epoch.
    pub taken_at_unix_ms: u64,
    /// The same by the machine's monotonic clock, nanoseconds.
    pub taken_at_monotonic_ns: u64,
    /// How many goroutines there were.
    pub goroutines: u32,
    /// Bytes that it takes in the file.
    pub stored_bytes: u64,
    head: Head,
    /// Where what is stored begins.
    at: u64,
}

/// Where a recording cannot be read any further.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Damage {
    /// What is wrong.
    pub kind: DamageKind,
    /// Bytes from the begin of the file that are good.
    pub good_bytes: u64,
    /// Bytes after them, which are lost.
    pub lost_bytes: u64,
}

/// What can be wrong with a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DamageKind {
    /// The file ends within it: whoever wrote it was stopped, or has not finished yet.
    Cut,
    /// Its bytes are not those that were written.
    Changed,
}

impl<R: Read + Seek> Recording<R> {
    /// Finds the moments of a recording and checks that their bytes are those that were written. This reads all of the
    /// file, and unpacks nothing.
    ///
    /// # Errors
    /// When it is no recording, or of a later format. Damage behind the header is no error.
    pub fn open(mut file: R) -> Result<Self, OpenError> {
        let length = file.seek(SeekFrom::End(0))?;
        file.rewind()?;
        check_header(&mut file)?;
        let mut recording = Recording { file, moments: Vec::new(), damage: None };
        let mut at = HEADER_BYTES as u64;
        while at < length {
            match recording.scan(at, length)? {
                Ok(next) => at = next,
                Err(kind) => {
                    recording.damage = Some(Damage { kind, good_bytes: at, lost_bytes: length - at });
                    break;
                }
            }
        }
        Ok(recording)
    }

    /// All moments that can be read, in the order in which they were recorded.
    pub fn moments(&self) -> &[MomentInfo] {
        &self.moments
    }

    /// Where it ends too early, if it does.
    pub fn damage(&self) -> Option<&Damage> {
        self.damage.as_ref()
    }

    /// The moment with an index from 0.
    ///
    /// # Errors
    /// When there is no such moment, or what is stored cannot be used.
    pub fn moment(&mut self, index: usize) -> Result<Moment, ReadError> {
        let number = index.saturating_add(1);
        let moments = self.moments.len();
        let info = *self.moments.get(index).ok_or(ReadError::NoSuchMoment { number, moments })?;
        self.file.seek(SeekFrom::Start(info.at))?;
        let mut stored = Vec::new();
        (&mut self.file).take(info.stored_bytes).read_to_end(&mut stored)?;
        if stored.len() as u64 != info.stored_bytes || crc32fast::hash(&stored) != info.head.stored_crc {
            return Err(ReadError::Changed { number });
        }
        let moment = decode(&stored, &info.head, number)?;
        check(&moment).map_err(|cause| ReadError::Inconsistent { number, cause })?;
        Ok(moment)
    }

    /// Looks at the record at an offset, and says where the next one begins.
    fn scan(&mut self, at: u64, length: u64) -> io::Result<Result<u64, DamageKind>> {
        let stored_at = at + HEAD_BYTES as u64;
        if stored_at > length {
            return Ok(Err(DamageKind::Cut));
        }
        let mut head = [0; HEAD_BYTES];
        self.file.read_exact(&mut head)?;
        let sound =
            |head: &Head| head.stored_bytes <= STORED_BYTES_MAX && head.unpacked_bytes <= UNPACKED_BYTES_MAX;
        let Some(head) = Head::from_bytes(&head).filter(sound) else { return Ok(Err(DamageKind::Changed)) };
        if head.stored_bytes > length - stored_at {
            return Ok(Err(DamageKind::Cut));
        }
        if self.checksum(head.stored_bytes)? != head.stored_crc {
            return Ok(Err(DamageKind::Changed));
        }
        if head.kind == MOMENT {
            // Whoever counts what happened in between relies on it.
            let before = self.moments.last().map_or(0, |last| last.taken_at_monotonic_ns);
            if head.taken_at_monotonic_ns < before {
                return Ok(Err(DamageKind::Changed));
            }
            self.moments.push(MomentInfo {
                taken_at_unix_ms: head.taken_at_unix_ms,
                taken_at_monotonic_ns: head.taken_at_monotonic_ns,
                goroutines: head.goroutines,
                stored_bytes: head.stored_bytes,
                head,
                at: stored_at,
            });
        }
        Ok(Ok(stored_at + head.stored_bytes))
    }

    /// The checksum of the next bytes.
    fn checksum(&mut self, bytes: u64) -> io::Result<u32> {
        let mut hasher = crc32fast::Hasher::new();
        let mut rest = BufReader::with_capacity(CHUNK_BYTES, (&mut self.file).take(bytes));
        loop {
            let chunk = rest.fill_buf()?;
            if chunk.is_empty() {
                return Ok(hasher.finalize());
            }
            hasher.update(chunk);
            let read = chunk.len();
            rest.consume(read);
        }
    }
}

fn check_header(file: &mut impl Read) -> Result<(), OpenError> {
    let mut bytes = Vec::new();
    file.take(HEADER_BYTES as u64).read_to_end(&mut bytes)?;
    let rest = bytes.strip_prefix(&MAGIC).ok_or(OpenError::NotARecording)?;
    let version = rest.first_chunk().copied().map(u32::from_le_bytes).ok_or(OpenError::DamagedHeader)?;
    if bytes != header_of(version) {
        return Err(OpenError::DamagedHeader);
    }
    if version > VERSION {
        return Err(OpenError::NewerFormat { version });
    }
    Ok(())
}

fn decode(stored: &[u8], head: &Head, number: usize) -> Result<Moment, ReadError> {
    let inconsistent = |cause| ReadError::Inconsistent { number, cause };
    // One byte more than there may be, so that it shows if there are more.
    let unpacked = zstd::Decoder::with_buffer(stored)?.take(head.unpacked_bytes + 1);
    let mut decoder = rmp_serde::Deserializer::new(BufReader::with_capacity(CHUNK_BYTES, unpacked));
    decoder.set_max_depth(DEPTH_MAX);
    let moment =
        Moment::deserialize(&mut decoder).map_err(|cause| ReadError::Undecodable { number, cause })?;
    let rest = decoder.get_ref();
    if !rest.buffer().is_empty() || rest.get_ref().limit() != 1 {
        return Err(inconsistent(Inconsistency::Length));
    }
    let snapshot = &moment.snapshot;
    let times = (snapshot.taken_at_unix_ms, snapshot.taken_at_monotonic_ns);
    if times != (head.taken_at_unix_ms, head.taken_at_monotonic_ns) {
        return Err(inconsistent(Inconsistency::OtherTime));
    }
    Ok(moment)
}
