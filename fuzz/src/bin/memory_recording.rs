//! Hands libFuzzer's bytes to the reader of recorded memory.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::memory_recording::check(bytes));
