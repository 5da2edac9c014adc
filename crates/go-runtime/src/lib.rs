//! Walk a Go runtime's own structures in memory and make a snapshot of them

#![forbid(unsafe_code)]
