//! Checks and generators for this repository.

fn main() {}
