//! Checks and generators for this repository.

#![forbid(unsafe_code)]

mod go_layouts;

use anyhow::Result;
use clap::Parser;

/// Checks and generators for this repository.
#[derive(Debug, Parser)]
enum Task {
    GoLayouts(go_layouts::GoLayouts),
}

fn main() -> Result<()> {
    match Task::parse() {
        Task::GoLayouts(task) => task.run(),
    }
}
