//! Single variables of a process's environment. It is full of secrets, so nobody gets all of it.

use std::collections::BTreeMap;

/// Environments are 128 KiB at most for each variable, but there may be many.
pub(crate) const ENVIRONMENT_LIMIT_BYTES: usize = 4 << 20;

/// The values of the variables with these names, as the process was started with them (`/proc/PID/environ`): it may
/// have changed them since. Of a name that comes twice the first counts, as for getenv(3). Values that are no UTF-8 are
/// made so, with replacement characters.
pub fn parse_environment<'n>(text: &[u8], names: &[&'n str]) -> BTreeMap<&'n str, String> {
    let mut found = BTreeMap::new();
    for variable in text.split(|byte| *byte == 0) {
        let Some(at) = variable.iter().position(|byte| *byte == b'=') else { continue };
        let (name, value) = variable.split_at(at);
        if let Some(known) = names.iter().find(|known| known.as_bytes() == name) {
            let value = String::from_utf8_lossy(value.get(1..).unwrap_or_default()).into_owned();
            found.entry(*known).or_insert(value);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_asked_for() {
        let text = b"PATH=/bin\0TOKEN=secret\0EMPTY=\0no variable\0=odd\0PATH=/sbin\0ODD=a=b\xff";
        let found = parse_environment(text, &["PATH", "EMPTY", "ODD", "ABSENT"]);
        let found: Vec<_> = found.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(found, [("EMPTY", ""), ("ODD", "a=b\u{fffd}"), ("PATH", "/bin")]);
        assert!(parse_environment(b"", &["PATH"]).is_empty());
    }
}
