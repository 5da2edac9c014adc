//! Read and write pprof profiles (`profile.proto`).
//!
//! ```text
//! snapshot --write()--> gzip(Profile) --> go tool pprof, flame graph servers
//! bytes    --read()---> ReadProfile: samples -> frames, labels, values
//! ```
//!
//! [`write()`] makes the goroutine profile that the target's own `/debug/pprof/goroutine` would be: the
//! same sample type, one sample for each distinct stack and label set, inlined calls as several lines of
//! one location, labels as string labels, the runtime's own goroutines left out. [`read`] takes any
//! profile, within limits, and trusts nothing in it. Deliberately absent: CPU and heap profiles are read
//! but never made.
//!
//! ```
//! let refused = pprof_profile::read(b"not a profile", &pprof_profile::ReadLimits::default());
//! assert!(refused.is_err());
//! ```

#![forbid(unsafe_code)]

mod build;
mod proto;
mod read;
mod symbols;
mod write;
mod text;

pub use read::{ReadError, ReadFrame, ReadLimits, ReadProfile, ReadSample, read};
pub use text::write_text;
pub use write::{Mapping, WriteOptions, write};
