//! Hands libFuzzer's bytes to the reader of goroutine dumps.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::goroutine_dump_text::check(bytes));
