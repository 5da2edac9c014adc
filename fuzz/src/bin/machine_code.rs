//! Hands libFuzzer's bytes to the reader of machine code.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::machine_code::check(bytes));
