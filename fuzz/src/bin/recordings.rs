//! Hands libFuzzer's bytes to the reader of recordings.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::recordings::check(bytes));
