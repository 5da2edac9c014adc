//! Hands libFuzzer's bytes to the reader of module data.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::module_data::check(bytes));
