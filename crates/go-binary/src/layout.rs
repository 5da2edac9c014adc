//! Where the fields of the Go runtime's structures lie: as data, from DWARF or from a table.
//!
//! The runtime's structures move between releases, now and then between patch releases, and
//! differ a little between architectures. So a decoder never knows an offset: it asks for
//! one by the runtime's own names and takes `None` as "this release has no such field".
//!
//! ```text
//! executable with DWARF --> dwarf::from_executable --+
//!                                                    +--> Layouts --> offset("runtime.g", "sched.sp")
//! release + architecture -> table::exact / nearest --+
//! ```
//!
//! The table is made by the first of these two from programs built by real toolchains
//! (`cargo run -p xtask -- go-layouts VERSION`), so both give equal answers for a release that
//! was measured. What neither knows: builds with `GOEXPERIMENT`s that change structures (the tail
//! of `runtime.p` under `greenteagc`, for one) when they are stripped.

pub mod dwarf;
mod embedded;
pub mod encoding;
pub mod release;
pub mod table;
pub mod wanted;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use release::Release;
pub use snapshot::Architecture;

/// The layouts of the runtime types and the constants of one build of the Go runtime.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Layouts {
    /// By the type's full name as in DWARF: `runtime.g`, `runtime/pprof.labelMap`.
    pub types: BTreeMap<Box<str>, TypeLayout>,
    /// By full name: `runtime._Gwaiting`, `runtime.waitReasonSelect`.
    pub constants: BTreeMap<Box<str>, i64>,
}

/// The layout of one type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypeLayout {
    /// Size of a value, in bytes.
    pub size: u32,
    /// What sort of type it is. A type of the same name may change its sort between releases.
    #[serde(default, skip_serializing_if = "TypeKind::is_struct")]
    pub kind: TypeKind,
    /// Fields by path, nested structures flattened: `sched.sp`. Elements of an array of structures
    /// are entered as `central[].mcentral`, with the offset in element 0. Blank and empty fields
    /// are left out.
    pub fields: BTreeMap<Box<str>, FieldLayout>,
}

/// What sort of type a name stands for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TypeKind {
    /// A structure; Go strings, slices and interfaces are structures too.
    #[default]
    Struct,
    /// A map: a value is a pointer to the map's header.
    Map,
    /// An array, such as `runtime.semTable`.
    Array(ArrayLayout),
    /// Anything else: numbers, pointers, functions.
    Other,
}

/// The elements of an array.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArrayLayout {
    /// Bytes from one element to the next.
    pub stride: u32,
    /// Number of elements.
    pub len: u32,
}

/// The place of a field in its structure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "encoding::FieldNumbers", into = "encoding::FieldNumbers")]
pub struct FieldLayout {
    /// Bytes from the start of the outermost structure.
    pub offset: u32,
    /// Size in bytes.
    pub size: u32,
    /// Set if the field is an array.
    pub array: Option<ArrayLayout>,
}

/// How a goroutine's profiler labels are kept behind `g.labels`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LabelForm {
    /// `*map[string]string` with classic buckets (up to Go 1.23).
    Map,
    /// A pointer to a structure that holds a slice of (key, value) string pairs (from Go 1.24).
    Slice {
        /// Offset of the slice in the structure.
        offset: u32,
    },
}

impl TypeKind {
    fn is_struct(&self) -> bool {
        *self == TypeKind::Struct
    }
}

impl Layouts {
    /// The layout of a type, if this runtime has it.
    pub fn get(&self, type_name: &str) -> Option<&TypeLayout> {
        self.types.get(type_name)
    }

    /// A field of a type.
    pub fn field(&self, type_name: &str, path: &str) -> Option<FieldLayout> {
        self.get(type_name)?.fields.get(path).copied()
    }

    /// The offset of a field in bytes: `offset("runtime.g", "sched.sp")`.
    pub fn offset(&self, type_name: &str, path: &str) -> Option<u32> {
        self.field(type_name, path).map(|field| field.offset)
    }

    /// The size of a type in bytes.
    pub fn size(&self, type_name: &str) -> Option<u32> {
        self.get(type_name).map(|layout| layout.size)
    }

    /// Stride and length of a type that is an array: `array("runtime.semTable")`.
    pub fn array(&self, type_name: &str) -> Option<ArrayLayout> {
        match self.get(type_name)?.kind {
            TypeKind::Array(array) => Some(array),
            _ => None,
        }
    }

    /// The value of a constant: `constant("runtime._Gwaiting")`.
    pub fn constant(&self, name: &str) -> Option<i64> {
        self.constants.get(name).copied()
    }

    /// The constants whose names start with a prefix, in the order of their names.
    pub fn constants_with_prefix<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, i64)> {
        self.constants
            .range::<str, _>((std::ops::Bound::Included(prefix), std::ops::Bound::Unbounded))
            .take_while(move |(name, _)| name.starts_with(prefix))
            .map(|(name, value)| (&**name, *value))
    }

    /// How labels are kept. `None` if the program has no labels type at all: a program that does
    /// not link `runtime/pprof` cannot set labels, and its DWARF does not have the type.
    pub fn label_form(&self) -> Option<LabelForm> {
        let layout = self.get("runtime/pprof.labelMap")?;
        match layout.kind {
            TypeKind::Map => Some(LabelForm::Map),
            TypeKind::Struct => {
                // A slice field is the one that has the three words of a slice header in it.
                let (_, slice) = layout.fields.iter().find(|(path, _)| {
                    ["array", "len", "cap"]
                        .iter()
                        .all(|word| layout.fields.contains_key(&*format!("{path}.{word}")))
                })?;
                Some(LabelForm::Slice { offset: slice.offset })
            }
            _ => None,
        }
    }

    /// Adds what these layouts do not have from others: DWARF has only the types that the program
    /// uses, the table for the same release may have the rest. What is already here stays.
    pub fn complete_from(&mut self, others: Layouts) {
        for (name, layout) in others.types {
            self.types.entry(name).or_insert(layout);
        }
        for (name, value) in others.constants {
            self.constants.entry(name).or_insert(value);
        }
    }
}
