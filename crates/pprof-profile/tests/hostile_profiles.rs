//! Profiles that are damaged, huge or malicious are refused, and whatever is accepted can be walked.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};
use pprof_profile::{ReadError, ReadLimits, read};
use proptest::prelude::*;

const OWN_PROFILE: &[u8] = include_bytes!("fixtures/go1.26.goroutine.pb.gz");
const LIMITS: ReadLimits = ReadLimits { bytes: 1 << 20, records: 100_000 };

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn bombs_are_refused_before_they_unfold() {
    let bomb = gzip(&vec![0x12; 64 << 20]);
    assert!(bomb.len() < 1 << 20);
    assert!(matches!(read(&bomb, &LIMITS), Err(ReadError::TooLarge { limit: 1048576 })));
    // 500,000 empty samples, and one sample of 400,000 empty labels.
    let many = [0x12, 0x00].repeat(500_000);
    assert!(matches!(read(&many, &LIMITS), Err(ReadError::TooManyRecords { .. })));
    let mut nested = vec![0x12, 0x80, 0xea, 0x30];
    nested.extend([0x1a, 0x00].repeat(400_000));
    assert!(matches!(read(&nested, &LIMITS), Err(ReadError::TooManyRecords { .. })));
}

#[test]
fn references_that_lead_nowhere_are_named() {
    // sample_type {type: 9}
    let error = read(&[0x0a, 2, 0x08, 9], &LIMITS).unwrap_err();
    assert_eq!(error.to_string(), "profile refers to text 9, which it does not have");
    // sample_type {}, sample {location_id: 5, value: 1}
    let error = read(&[0x0a, 0, 0x12, 4, 0x08, 5, 0x10, 1], &LIMITS).unwrap_err();
    assert_eq!(error.to_string(), "profile refers to location 5, which it does not have");
    // sample_type {}, sample {}
    let error = read(&[0x0a, 0, 0x12, 0], &LIMITS).unwrap_err();
    assert_eq!(error.to_string(), "sample 0 has 0 values for 1 sample types");
    assert!(matches!(read(b"", &LIMITS), Err(ReadError::NoSampleTypes)));
    assert!(matches!(read(&[0x1f, 0x8b, 8], &LIMITS), Err(ReadError::Gzip(_))));
}

/// Walks everything that can be reached.
fn walk(bytes: &[u8]) -> usize {
    let Ok(profile) = read(bytes, &LIMITS) else { return 0 };
    let frames = profile.samples().flat_map(|sample| sample.frames().take(1000)).count();
    frames + profile.sample_types().count() + profile.samples().flat_map(|s| s.labels()).count()
}

proptest! {
    #[test]
    fn arbitrary_bytes_do_not_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        walk(&bytes);
        walk(&gzip(&bytes));
    }

    #[test]
    fn damaged_profiles_do_not_panic(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)) {
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(OWN_PROFILE), &mut bytes).unwrap();
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        walk(&bytes);
    }
}
