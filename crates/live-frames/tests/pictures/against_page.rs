//! The page's reader of frames, in TypeScript, comes to the same pictures as ours, and refuses what ours refuses.

use std::io::Write;
use std::path::Path;
use std::process::Command;

use live_frames::{Encoder, Picture};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use crate::looks::{World, looks};

/// Sequences of frames: one program reads them all, since starting it takes longer than reading.
const SEQUENCES: usize = 60;
/// What stands before a sequence in place of a frame's length.
const NEW_SEQUENCE: u32 = u32::MAX;

/// A picture as the page's reader prints it.
fn dump(picture: &Picture) -> Value {
    let rows = picture.rows.iter().map(|row| json!([row.id, row.since_ms, row.cohort, row.p]));
    json!({
        "number": picture.head.number,
        "at_unix_ms": picture.head.at_unix_ms,
        "rows": rows.collect::<Vec<_>>(),
        "cohorts": picture.cohorts.values().collect::<Vec<_>>(),
        "frames": picture.frames.values().collect::<Vec<_>>(),
    })
}

/// Numbers as one sort: JavaScript writes 1 where Rust writes 1.0.
fn plain(value: Value) -> Value {
    match value {
        Value::Number(number) => json!(number.as_f64()),
        Value::Array(all) => all.into_iter().map(plain).collect(),
        Value::Object(all) => all.into_iter().map(|(key, value)| (key, plain(value))).collect(),
        other => other,
    }
}

/// What may happen to a frame on its way.
fn frame_as_sent(frame: Vec<u8>, fate: u8) -> Vec<u8> {
    match fate {
        // Cut short.
        0 => frame.split_at(frame.len() / 2).0.to_vec(),
        // Of another version.
        1 => [&[9], frame.split_at(1).1].concat(),
        _ => frame,
    }
}

#[test]
fn the_page_comes_to_the_same() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/web-page");
    if Command::new("node").arg("--version").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "there is no node to read frames as the page does");
        eprintln!("NOT TESTED: there is no node to read frames as the page does");
        return;
    }
    let mut runner = TestRunner::default();
    let fates = prop::collection::vec(0_u8..12, 16);
    let (mut sent, mut expected) = (Vec::new(), Vec::new());
    for _ in 0..SEQUENCES {
        let (looks, fates) = (looks(), fates.clone()).new_tree(&mut runner).unwrap().current();
        let (world, mut encoder, mut picture) = (World::new(), Encoder::default(), Picture::default());
        sent.extend(NEW_SEQUENCE.to_le_bytes());
        for (look, fate) in looks.iter().zip(fates) {
            let new = encoder.advance(&world.census(look), &look.individuals);
            // One that follows nothing any more is to be refused by both, until one with everything comes.
            let new = if fate == 11 { encoder.key().unwrap() } else { new };
            let frame = frame_as_sent(new, fate);
            sent.extend((frame.len() as u32).to_le_bytes());
            sent.extend(&frame);
            let is_taken = picture.apply(&frame).is_ok();
            expected.push(if is_taken { plain(dump(&picture)) } else { Value::Null });
        }
    }
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&sent).unwrap();
    let read = Command::new(script).arg("frames").arg(file.path()).output().unwrap();
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
    let said = String::from_utf8(read.stdout).unwrap();
    let said: Vec<Value> = said.lines().map(|line| plain(serde_json::from_str(line).unwrap())).collect();
    assert_eq!(said.len(), expected.len());
    for (index, (said, expected)) in said.iter().zip(&expected).enumerate() {
        assert!(said == expected, "frame {index}: the page has {said}, it should be {expected}");
    }
    // Both were seen, or nothing was compared.
    assert!(expected.iter().any(Value::is_null) && expected.iter().any(Value::is_object));
}
