//! Hands libFuzzer's bytes to the reader of executables.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::elf_file::check(bytes));
