//! Hands libFuzzer's bytes to the reader of filter expressions.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::filter_expression::check(bytes));
