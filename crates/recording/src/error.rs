//! Why a recording, or a moment of it, cannot be had.

use std::io;

use crate::layout::{STORED_BYTES_MAX, UNPACKED_BYTES_MAX, VERSION};

/// A file that is no recording, or none that can be read.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It does not begin as recordings do.
    #[error("not a recording of gostat")]
    NotARecording,
    /// Its header is damaged.
    #[error("the header of the recording is damaged")]
    DamagedHeader,
    /// It was made by a later gostat.
    #[error("the recording has format {version}; this gostat reads formats up to {VERSION}")]
    NewerFormat {
        /// Its version.
        version: u32,
    },
    /// It cannot be read.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl OpenError {
    /// What the user can do about it, if anything.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            OpenError::NotARecording => Some("gostat record TARGET -o FILE makes one"),
            OpenError::DamagedHeader => Some("was it copied whole, and as binary data?"),
            OpenError::NewerFormat { .. } => Some("a newer gostat reads it"),
            OpenError::Io(_) => None,
        }
    }
}

/// A moment that cannot be stored.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// It is larger than readers accept.
    #[error("the moment is too large to record: more than {} MiB unpacked or {} MiB packed", UNPACKED_BYTES_MAX >> 20, STORED_BYTES_MAX >> 20)]
    TooLarge,
    /// It cannot be written as MessagePack.
    #[error("the moment cannot be encoded")]
    Encoding(#[from] rmp_serde::encode::Error),
    /// It cannot be compressed.
    #[error("the moment cannot be compressed")]
    Compression(#[source] io::Error),
}

/// A moment that cannot be read, although its record is whole.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// There is no moment with this number.
    #[error("the recording has {moments} moments, not {number}")]
    NoSuchMoment {
        /// The number asked for, from 1.
        number: usize,
        /// How many there are.
        moments: usize,
    },
    /// It has changed since the recording was opened.
    #[error("moment {number} has changed since the recording was opened")]
    Changed {
        /// Its number, from 1.
        number: usize,
    },
    /// What was stored is no moment as this gostat knows them.
    #[error("moment {number} cannot be decoded: {cause}")]
    Undecodable {
        /// Its number, from 1.
        number: usize,
        /// Why not.
        cause: rmp_serde::decode::Error,
    },
    /// It refers to what it does not have.
    #[error("moment {number} contradicts itself: {cause}")]
    Inconsistent {
        /// Its number, from 1.
        number: usize,
        /// In what.
        cause: Inconsistency,
    },
    /// The file cannot be read.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// What is wrong in a moment that could be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Inconsistency {
    /// An id is not in its table.
    #[error("there is no {0} with an id that is used")]
    Dangling(&'static str),
    /// A list that must be ascending is not.
    #[error("the {0} are not in order")]
    Unordered(&'static str),
    /// A table does not begin with the empty value.
    #[error("the table of {0} does not begin with the empty one")]
    NotEmptyFirst(&'static str),
    /// The clocks of the record and of what is stored differ.
    #[error("its record has another time")]
    OtherTime,
    /// A thread's state is no letter.
    #[error("the state of a thread is no letter")]
    ThreadState,
    /// The data goes on where the moment ends, or is not as long as its record says.
    #[error("it is not as long as its record says")]
    Length,
}
