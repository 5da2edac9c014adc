//! A file of moments of one process: encoding, reading, and what is lost where it is damaged.
//!
//! ```text
//! file    = header, then records until the end; nothing in it is ever changed, only appended
//! header  = magic (8), format version (u32), CRC of both (u32)
//! record  = kind (4), goroutines (u32), bytes stored (u64), bytes unpacked (u64), wall clock (u64, ms),
//!           monotonic clock (u64, ns), CRC of what is stored (u32), CRC of these 44 bytes (u32), then what is stored
//! stored  = zstd ( MessagePack ( Moment ) )                                     all numbers little-endian
//! ```
//!
//! Each record stands for itself, so whoever is killed while he appends loses the record that he was writing. Records
//! can be listed without being unpacked. MessagePack has the names of all fields: a reader ignores those that it does
//! not know, and a recording lacks those that came later. The names are what zstd is best at: see
//! `cargo bench -p recording`. A record of a kind that is not known is passed over; what older readers would get wrong
//! takes a new [`VERSION`].
//!
//! Nothing in a file is believed: lengths are bounded, every id is checked against its table before a [`Moment`] is
//! handed out. Deliberately absent: opening files and clocks.
//!
//! ```
//! let mut file = recording::header().to_vec();
//! let recording = recording::Recording::open(std::io::Cursor::new(&file)).unwrap();
//! assert!(recording.moments().is_empty() && recording.damage().is_none());
//! file.extend(b"half a record");
//! let recording = recording::Recording::open(std::io::Cursor::new(&file)).unwrap();
//! assert_eq!(recording.damage().unwrap().lost_bytes, 13);
//! ```

#![forbid(unsafe_code)]

mod error;
mod moment;
mod layout;
mod encode;
mod check;
mod read;

pub use encode::{encode, with_stored};
pub use error::{EncodeError, Inconsistency, OpenError, ReadError};
pub use layout::{HEADER_BYTES, MAGIC, VERSION, header};
pub use moment::{Blocking, Code, Heap, Moment};
pub use read::{Damage, DamageKind, MomentInfo, Recording};
