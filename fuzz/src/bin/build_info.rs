//! Hands libFuzzer's bytes to the reader of build information.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::build_info::check(bytes));
