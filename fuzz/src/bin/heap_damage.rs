//! Hands libFuzzer's bytes, as damage to a heap, to the copy, the marking and what reads the copy.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::heap_damage::check(bytes));
