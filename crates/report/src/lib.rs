//! Turn snapshots and findings into text and JSON

#![forbid(unsafe_code)]
