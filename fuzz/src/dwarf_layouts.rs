//! DWARF: the debug sections that layouts are read from.

use std::borrow::Cow;

use go_binary::layout::dwarf::{Sections, from_sections};

/// Two lengths, then `.debug_info`, `.debug_abbrev` and `.debug_str` behind each other.
pub fn check(bytes: &[u8]) {
    let Some((lengths, rest)) = bytes.split_first_chunk::<4>() else { return };
    let [info_low, info_high, abbreviations_low, abbreviations_high] = *lengths;
    let info = usize::from(u16::from_le_bytes([info_low, info_high])).min(rest.len());
    let (info, rest) = rest.split_at(info);
    let abbreviations =
        usize::from(u16::from_le_bytes([abbreviations_low, abbreviations_high])).min(rest.len());
    let (abbreviations, strings) = rest.split_at(abbreviations);
    let sections = Sections {
        info: Cow::Borrowed(info),
        abbreviations: Cow::Borrowed(abbreviations),
        strings: Cow::Borrowed(strings),
    };
    _ = from_sections(&sections);
}
