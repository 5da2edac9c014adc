//! Reads the wanted types and constants of one DWARF unit into layouts.

use std::collections::BTreeMap;

use gimli::{
    Abbreviation, Abbreviations, AttributeValue, DebugStr, DwAt, DwTag, EntriesRaw, UnitHeader, UnitOffset,
    constants,
};

use super::DwarfError;
use super::units::Slice;
use crate::layout::{ArrayLayout, FieldLayout, Layouts, TypeKind, TypeLayout, wanted};

/// Structures inside structures are followed this deep; the runtime's own go no deeper where it matters.
const DEPTH_MAX: usize = 3;
/// Names for names for a type. Go writes one.
const TYPEDEFS_MAX: usize = 16;
/// Longer names are not the runtime's.
const NAME_BYTES_MAX: usize = 256;
/// Go's own attribute for the `reflect.Kind` of a type (`DW_AT_go_kind`, cmd/internal/dwarf).
const DW_AT_GO_KIND: DwAt = DwAt(0x2900);
/// `reflect.Map`.
const KIND_MAP: u64 = 21;

/// The unit that holds the types of a program.
pub(super) struct TypeUnit<'unit, 'data> {
    header: &'unit UnitHeader<Slice<'data>>,
    abbreviations: &'unit Abbreviations,
    strings: &'unit DebugStr<Slice<'data>>,
    members_left: &'unit mut usize,
}

/// The attributes of a type or member that layouts need.
#[derive(Debug, Clone, Copy)]
struct Entry<'data> {
    tag: DwTag,
    has_children: bool,
    name: Option<&'data str>,
    size: Option<u64>,
    of_type: Option<UnitOffset>,
    member_offset: Option<u64>,
    value: Option<i64>,
    go_kind: Option<u64>,
    /// Where its children start, if it has any.
    next: UnitOffset,
}

impl<'unit, 'data> TypeUnit<'unit, 'data> {
    pub(super) fn new(
        header: &'unit UnitHeader<Slice<'data>>,
        abbreviations: &'unit Abbreviations,
        strings: &'unit DebugStr<Slice<'data>>,
        members_left: &'unit mut usize,
    ) -> Self {
        TypeUnit { header, abbreviations, strings, members_left }
    }

    pub(super) fn read(mut self) -> Result<Layouts, DwarfError> {
        let mut layouts = Layouts::default();
        for (name, at) in self.find_wanted(&mut layouts.constants)? {
            if let Some(layout) = self.type_layout(at)? {
                layouts.types.insert(name.into(), layout);
            }
        }
        Ok(layouts)
    }

    /// One pass over the top-level entries: notes where wanted types are, and takes the constants.
    fn find_wanted(
        &self,
        found_constants: &mut BTreeMap<Box<str>, i64>,
    ) -> gimli::Result<BTreeMap<&'data str, UnitOffset>> {
        let mut types: BTreeMap<&str, (UnitOffset, u8)> = BTreeMap::new();
        let mut entries = self.header.entries_raw(self.abbreviations, None)?;
        while !entries.is_empty() {
            let (at, depth) = (entries.next_offset(), entries.next_depth());
            let Some(abbreviation) = entries.read_abbreviation()? else { continue };
            let rank = match abbreviation.tag() {
                // A structure and a typedef may have the same name: the structure says more.
                constants::DW_TAG_structure_type => 2,
                constants::DW_TAG_array_type => 1,
                constants::DW_TAG_typedef | constants::DW_TAG_constant => 0,
                _ => {
                    entries.skip_attributes(abbreviation.attributes())?;
                    continue;
                }
            };
            if depth != 1 {
                entries.skip_attributes(abbreviation.attributes())?;
                continue;
            }
            let entry = self.entry(&mut entries, abbreviation)?;
            let Some(name) = entry.name else { continue };
            if entry.tag == constants::DW_TAG_constant {
                if let Some(value) = entry.value.filter(|_| wanted::is_wanted_constant(name)) {
                    found_constants.insert(name.into(), value);
                }
            } else if wanted::is_wanted_type(name) && types.get(name).is_none_or(|&(_, known)| known < rank) {
                types.insert(name, (at, rank));
            }
        }
        Ok(types.into_iter().map(|(name, (at, _))| (name, at)).collect())
    }

    /// The layout of the type at an offset; `None` if its size is not told.
    fn type_layout(&mut self, at: UnitOffset) -> Result<Option<TypeLayout>, DwarfError> {
        let Some(entry) = self.resolve(at)? else { return Ok(None) };
        let Some(size) = self.size_of(&entry) else { return Ok(None) };
        let mut fields = BTreeMap::new();
        let kind = if entry.go_kind == Some(KIND_MAP) {
            TypeKind::Map
        } else if entry.tag == constants::DW_TAG_structure_type {
            self.flatten(&entry, "", 0, 0, &mut fields)?;
            TypeKind::Struct
        } else if let Some((array, element)) = self.array(&entry, size)? {
            self.flatten(&element, "[].", 0, 1, &mut fields)?;
            TypeKind::Array(array)
        } else {
            TypeKind::Other
        };
        Ok(Some(TypeLayout { size, kind, fields }))
    }

    /// Enters the members of a structure, and those of the structures in it.
    fn flatten(
        &mut self,
        structure: &Entry<'data>,
        prefix: &str,
        base: u64,
        depth: usize,
        fields: &mut BTreeMap<Box<str>, FieldLayout>,
    ) -> Result<(), DwarfError> {
        if !structure.has_children || structure.tag != constants::DW_TAG_structure_type {
            return Ok(());
        }
        let mut entries = self.header.entries_raw(self.abbreviations, Some(structure.next))?;
        // Relative to its own start: below 0 the structure is over.
        while !entries.is_empty() && entries.next_depth() >= 0 {
            let is_direct = entries.next_depth() == 0;
            let Some(abbreviation) = entries.read_abbreviation()? else { continue };
            if !is_direct || abbreviation.tag() != constants::DW_TAG_member {
                entries.skip_attributes(abbreviation.attributes())?;
                continue;
            }
            *self.members_left = self.members_left.checked_sub(1).ok_or(DwarfError::TooLarge)?;
            let member = self.entry(&mut entries, abbreviation)?;
            let (Some(name), Some(offset), Some(of_type)) =
                (member.name, member.member_offset, member.of_type)
            else {
                continue;
            };
            let Some(of_type) = self.resolve(of_type)? else { continue };
            let Some(size) = self.size_of(&of_type) else { continue };
            let offset = base.saturating_add(offset);
            let (Ok(offset_u32), false) = (u32::try_from(offset), size == 0 || name == "_") else { continue };
            let path = format!("{prefix}{name}");
            let array = self.array(&of_type, size)?;
            fields.insert(
                path.as_str().into(),
                FieldLayout { offset: offset_u32, size, array: array.map(|(array, _)| array) },
            );
            if depth < DEPTH_MAX {
                match array {
                    Some((_, element)) => {
                        self.flatten(&element, &format!("{path}[]."), offset, depth + 1, fields)?
                    }
                    None => self.flatten(&of_type, &format!("{path}."), offset, depth + 1, fields)?,
                }
            }
        }
        Ok(())
    }

    /// Stride, length and element type, if the type is an array with elements of some size.
    fn array(&self, entry: &Entry<'data>, size: u32) -> gimli::Result<Option<(ArrayLayout, Entry<'data>)>> {
        if entry.tag != constants::DW_TAG_array_type {
            return Ok(None);
        }
        let Some(of_type) = entry.of_type else { return Ok(None) };
        let Some(element) = self.resolve(of_type)? else { return Ok(None) };
        let Some(stride) = self.size_of(&element) else { return Ok(None) };
        let Some(len) = size.checked_div(stride) else { return Ok(None) };
        Ok(Some((ArrayLayout { stride, len }, element)))
    }

    /// The entry at an offset, past the names given to it; `None` for a ring of names. A map is a
    /// typedef too, for its header's pointer: that it is a map is told by the typedef, so it stays.
    fn resolve(&self, mut at: UnitOffset) -> gimli::Result<Option<Entry<'data>>> {
        for _ in 0..TYPEDEFS_MAX {
            let mut entries = self.header.entries_raw(self.abbreviations, Some(at))?;
            let Some(abbreviation) = entries.read_abbreviation()? else { return Ok(None) };
            let entry = self.entry(&mut entries, abbreviation)?;
            if entry.tag != constants::DW_TAG_typedef || entry.go_kind == Some(KIND_MAP) {
                return Ok(Some(entry));
            }
            let Some(next) = entry.of_type else { return Ok(None) };
            at = next;
        }
        Ok(None)
    }

    /// Size in bytes. Go's linker leaves it out for what is a pointer.
    fn size_of(&self, entry: &Entry<'_>) -> Option<u32> {
        match (entry.size, entry.tag) {
            (Some(size), _) => u32::try_from(size).ok(),
            (
                None,
                constants::DW_TAG_pointer_type
                | constants::DW_TAG_subroutine_type
                | constants::DW_TAG_typedef,
            ) => Some(u32::from(self.header.address_size())),
            (None, _) => None,
        }
    }

    /// Reads the attributes of an entry whose abbreviation was just read.
    fn entry(
        &self,
        entries: &mut EntriesRaw<'_, Slice<'data>>,
        abbreviation: &Abbreviation,
    ) -> gimli::Result<Entry<'data>> {
        let mut entry = Entry {
            tag: abbreviation.tag(),
            has_children: abbreviation.has_children(),
            name: None,
            size: None,
            of_type: None,
            member_offset: None,
            value: None,
            go_kind: None,
            next: entries.next_offset(),
        };
        for spec in abbreviation.attributes() {
            let attribute = entries.read_attribute(*spec)?;
            match attribute.name() {
                constants::DW_AT_name => {
                    entry.name = attribute.string_value(self.strings).and_then(|name| {
                        let name = name.slice();
                        std::str::from_utf8(name).ok().filter(|name| name.len() <= NAME_BYTES_MAX)
                    });
                }
                constants::DW_AT_byte_size => entry.size = attribute.udata_value(),
                constants::DW_AT_type => entry.of_type = self.type_reference(&attribute.value()),
                constants::DW_AT_data_member_location => entry.member_offset = member_offset(&attribute),
                constants::DW_AT_const_value => entry.value = attribute.sdata_value(),
                DW_AT_GO_KIND => entry.go_kind = attribute.udata_value(),
                _ => {}
            }
        }
        entry.next = entries.next_offset();
        Ok(entry)
    }

    /// Go refers to types by their offset in the whole section, though they are in the same unit.
    fn type_reference(&self, value: &AttributeValue<Slice<'data>>) -> Option<UnitOffset> {
        match *value {
            AttributeValue::DebugInfoRef(at) => at.to_unit_offset(self.header),
            AttributeValue::UnitRef(at) => Some(at),
            _ => None,
        }
    }
}

/// The offset of a member: a number, or the expression "add a number", which means the same.
fn member_offset(attribute: &gimli::Attribute<Slice<'_>>) -> Option<u64> {
    if let Some(offset) = attribute.udata_value() {
        return Some(offset);
    }
    let mut input = attribute.exprloc_value()?.0;
    use gimli::Reader;
    (input.read_u8().ok()? == constants::DW_OP_plus_uconst.0).then(|| input.read_uleb128().ok())?
}
