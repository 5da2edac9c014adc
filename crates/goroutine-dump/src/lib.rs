//! Read and write the goroutine text format of the Go runtime

#![forbid(unsafe_code)]
