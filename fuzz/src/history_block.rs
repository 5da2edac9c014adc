//! Blocks of a history: columns of figures out of a file that may be damaged.

use crate::history_blocks::{decode, encode};

/// What is accepted has only values that belong to a point, and comes back from its own bytes.
pub fn check(bytes: &[u8]) {
    let Ok(block) = decode(bytes) else { return };
    for values in block.columns.values() {
        assert!(values.iter().all(|(index, _)| (*index as usize) < block.points.len()));
        assert!(values.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
    assert_eq!(decode(&encode(&block)), Ok(block));
}
