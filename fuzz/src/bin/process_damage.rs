//! Hands libFuzzer's bytes, as damage to a process, to the walker and all writers.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::process_damage::check(bytes));
