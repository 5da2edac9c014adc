//! Read another process's memory, read-only: live, recorded, or with faults

#![forbid(unsafe_code)]
