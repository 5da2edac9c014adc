//! What a moment of 100,000 goroutines takes to write, to keep and to read: `cargo bench -p recording`.
//!
//! As in services, they stand at some tens of places, have ids and addresses of their own, and most wait for a channel
//! of their own.

use std::hint::black_box;
use std::io::Cursor;
use std::time::Instant;

use recording::{Moment, Recording, encode, header};

#[path = "../tests/moments/mod.rs"]
mod moments;

const GOROUTINES: u64 = 100_000;
const TIMES: u32 = 5;

#[expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let moment = Moment { snapshot: moments::service(GOROUTINES), code: None, heap: None };
    let mut file = header().to_vec();
    let began = Instant::now();
    for _ in 0..TIMES {
        file.extend(encode(black_box(&moment))?);
    }
    let encoded = began.elapsed() / TIMES;
    let bytes = file.len() / TIMES as usize;
    let mut recording = Recording::open(Cursor::new(&file))?;
    let began = Instant::now();
    for index in 0..TIMES as usize {
        black_box(recording.moment(index)?);
    }
    let decoded = began.elapsed() / TIMES;
    println!(
        "{GOROUTINES} goroutines: {bytes} bytes a moment, written in {encoded:.1?}, read in {decoded:.1?}"
    );
    Ok(())
}
