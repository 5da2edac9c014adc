//! Text of an observed process made safe to show: nothing in it can drive a terminal.

use std::fmt::{self, Write};

/// Shows a text with every character that could act on a terminal, or reorder what is around it, written
/// as an escape (`\n`, `\x1b`, `\u202e`) in Go's notation. Other text is shown as it is.
///
/// Function names, labels, paths and process names are chosen by whoever wrote or started the target.
///
/// ```
/// assert_eq!(snapshot::Printable("main.\u{1b}[2Jwork").to_string(), r"main.\x1b[2Jwork");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Printable<'a>(pub &'a str);

impl Printable<'_> {
    /// Whether a character must not reach a terminal: controls (C0, DEL, C1), and the invisible ones that
    /// change the direction of text or hide in it.
    pub fn must_escape(character: char) -> bool {
        character.is_control()
            || matches!(character,
                '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
    }
}

impl fmt::Display for Printable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Nearly every text is plain ASCII: it is passed on whole.
        if self.0.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
            return f.write_str(self.0);
        }
        for character in self.0.chars() {
            match character {
                '\n' => f.write_str("\\n")?,
                '\r' => f.write_str("\\r")?,
                '\t' => f.write_str("\\t")?,
                c if c.is_ascii_control() => write!(f, "\\x{:02x}", u32::from(c))?,
                c if Self::must_escape(c) => write!(f, "\\u{:04x}", u32::from(c))?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Printable;

    #[test]
    fn what_acts_on_a_terminal_is_escaped_and_the_rest_is_kept() {
        let shown = |text| Printable(text).to_string();
        assert_eq!(shown("a\n\r\t\u{7f}\u{9b}31m"), r"a\n\r\t\x7f\u009b31m");
        assert_eq!(shown("\u{202e}txt.exe\u{feff}"), r"\u202etxt.exe\ufeff");
        assert_eq!(shown("main.größe[...].读(*T)"), "main.größe[...].读(*T)");
        assert_eq!(shown(r"C:\x1b"), r"C:\x1b");
    }
}
