//! HMAC-SHA256 in the forms that receivers expect.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac::{HMAC_SHA256, Key, sign};

/// In hexadecimal digits.
pub(super) fn hex(key: &str, message: &str) -> String {
    mac(key, message).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// In Base64.
pub(super) fn base64(key: &str, message: &str) -> String {
    STANDARD.encode(mac(key, message))
}

fn mac(key: &str, message: &str) -> Vec<u8> {
    sign(&Key::new(HMAC_SHA256, key.as_bytes()), message.as_bytes()).as_ref().to_vec()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_second_test_case_of_rfc_4231() {
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(super::hex("Jefe", "what do ya want for nothing?"), expected);
        assert_eq!(
            super::base64("Jefe", "what do ya want for nothing?"),
            "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM="
        );
    }
}
