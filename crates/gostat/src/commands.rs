//! The commands, one file each: open the target, take a snapshot, think, show.

pub(crate) mod agent;
pub(crate) mod diff;
pub(crate) mod doctor;
pub(crate) mod dump;
pub(crate) mod history;
pub(crate) mod leaks;
pub(crate) mod ps;
pub(crate) mod record;
pub(crate) mod sched;
pub(crate) mod stat;
pub(crate) mod top;
pub(crate) mod why;
