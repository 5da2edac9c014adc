//! Hands libFuzzer's bytes to the reader of profiles.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::pprof_bytes::check(bytes));
