//! JSON that cannot drive a terminal when it is printed to one.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::{CharEscape, Formatter};
use snapshot::Printable;

/// Writes a value as compact JSON. Characters that JSON lets through, but a terminal would act on (C1
/// controls, changes of text direction), are written as `\u` escapes: the same data to every reader.
pub(crate) fn to_writer(out: &mut Vec<u8>, value: &impl Serialize) -> io::Result<()> {
    value.serialize(&mut Serializer::with_formatter(out, Escaping)).map_err(io::Error::from)
}

struct Escaping;

impl Formatter for Escaping {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        if fragment.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
            return out.write_all(fragment.as_bytes());
        }
        for character in fragment.chars() {
            if Printable::must_escape(character) {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    write!(out, "\\u{unit:04x}")?;
                }
            } else {
                out.write_all(character.encode_utf8(&mut [0; 4]).as_bytes())?;
            }
        }
        Ok(())
    }

    fn write_char_escape<W: ?Sized + Write>(&mut self, out: &mut W, escape: CharEscape) -> io::Result<()> {
        serde_json::ser::CompactFormatter.write_char_escape(out, escape)
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_acts_on_a_terminal_is_escaped_and_reads_back() {
        let text = "\u{1b}[2J \u{9b}31m \u{202e} \u{7f} größe \u{1f600} \" \\";
        let mut out = Vec::new();
        super::to_writer(&mut out, &text).expect("writing to memory");
        let json = String::from_utf8(out).expect("text");
        assert!(json.chars().all(|c| !snapshot::Printable::must_escape(c)), "{json:?}");
        assert!(json.contains("größe \u{1f600}"));
        assert_eq!(serde_json::from_str::<String>(&json).expect("JSON"), text);
    }
}
