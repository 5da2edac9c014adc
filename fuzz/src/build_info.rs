//! Build information: the bytes behind the magic number in an executable.

use go_binary::build_info::parse;

/// No text in it is longer than the bytes it came from, and asking for the release never fails hard.
pub fn check(bytes: &[u8]) {
    for bytes in [bytes.to_vec(), [b"\xff Go buildinf:\x08\x02".as_slice(), bytes].concat()] {
        let Some(info) = parse(&bytes) else { continue };
        // Bytes that are no UTF-8 become replacement characters, three bytes for one.
        let bound = bytes.len() * 3;
        assert!(info.go_version.len() <= bound);
        assert!(info.settings.iter().map(|(key, value)| key.len() + value.len()).sum::<usize>() <= bound);
        _ = info.release();
    }
}
