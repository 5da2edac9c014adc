//! Hands libFuzzer's bytes to the reader of layouts in DWARF.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::dwarf_layouts::check(bytes));
