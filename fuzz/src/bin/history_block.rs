//! Hands libFuzzer's bytes to the decoder of a history's blocks.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::history_block::check(bytes));
