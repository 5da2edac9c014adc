//! The commands, one file each: open the target, take a snapshot, think, show.

pub(crate) mod doctor;
