//! Hands libFuzzer's bytes to the reader of function tables.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::function_tables::check(bytes));
