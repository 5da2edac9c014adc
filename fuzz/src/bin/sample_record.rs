//! Hands libFuzzer's bytes to the reader of samples.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::sample_record::check(bytes));
