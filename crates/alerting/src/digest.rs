//! Names for things that stay the same over restarts and releases: the beginnings of SHA-256.

use ring::digest::{Context, SHA256};

/// The first 64 bits of the digest of some texts, whose borders count.
pub(crate) fn digest64(texts: &[&str]) -> u64 {
    let mut context = Context::new(&SHA256);
    for text in texts {
        // The length in front, so that ("a", "bc") and ("ab", "c") differ.
        context.update(&(text.len() as u64).to_be_bytes());
        context.update(text.as_bytes());
    }
    let digest = context.finish();
    digest.as_ref().iter().take(8).fold(0, |number, byte| (number << 8) | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::digest64;

    #[test]
    fn it_is_sha_256_and_borders_count() {
        // printf '\0\0\0\0\0\0\0\3abc' | sha256sum
        assert_eq!(digest64(&["abc"]), 0xc349_4ca1_a2cf_8eeb);
        assert_ne!(digest64(&["a", "bc"]), digest64(&["ab", "c"]));
        assert_ne!(digest64(&["", "a"]), digest64(&["a", ""]));
    }
}
