//! Hands libFuzzer's bytes to the readers of /proc.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::proc_files::check(bytes));
