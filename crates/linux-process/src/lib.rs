//! Processes, threads and containers as Linux shows them in /proc

#![forbid(unsafe_code)]
