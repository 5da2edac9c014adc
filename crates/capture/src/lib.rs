//! Open a target, whatever it is, and take snapshots of it

#![forbid(unsafe_code)]
