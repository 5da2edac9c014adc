//! The files that the layout table is kept in: one per minor release, JSON, a line per type.
//!
//! Nearly all types are the same in all patch releases and on both architectures, so a file is a
//! pool: for each type its different layouts ("variants"), in the order in which they first
//! appeared. A build (an architecture and the patch releases that share everything) names the
//! variants that are not the first.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write};

use serde::de::{self, SeqAccess, Visitor};
use serde::ser::SerializeSeq;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Architecture, ArrayLayout, FieldLayout, Layouts, TypeLayout};

/// What is known of one minor release, as in its file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MinorFile {
    /// The 23 of Go 1.23.
    pub minor: u16,
    /// The builds, of either architecture.
    pub builds: Vec<Build>,
    /// Sets of constants.
    pub constants: Vec<BTreeMap<Box<str>, i64>>,
    /// Variants of each type.
    pub types: BTreeMap<Box<str>, Vec<TypeLayout>>,
}

/// Patch releases with equal layouts on one architecture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Build {
    /// For which architecture.
    #[serde(with = "GoArch")]
    pub arch: Architecture,
    /// Patch numbers that this holds for: those measured, and those between two that follow each
    /// other among the measured ones and are equal.
    pub patches: BTreeSet<u16>,
    /// The patch numbers whose toolchain built a program that was measured.
    pub measured: BTreeSet<u16>,
    /// Which set of constants.
    pub constants: usize,
    /// Which variant of a type, where it is not the first; -1 where the type is not there.
    pub variants: BTreeMap<Box<str>, isize>,
}

/// An architecture as the files write it: Go's name for it.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Architecture", rename_all = "lowercase")]
enum GoArch {
    Amd64,
    Arm64,
}

/// The layouts that one toolchain was measured to have.
pub type Measured = BTreeMap<(Architecture, u16), Layouts>;

impl MinorFile {
    /// Reads a file.
    pub fn parse(json: &str) -> Result<MinorFile, serde_json::Error> {
        serde_json::from_str(json)
    }

    /// The layouts of one of the builds; `None` if the file contradicts itself.
    pub fn layouts(&self, build: &Build) -> Option<Layouts> {
        let mut types = BTreeMap::new();
        for (name, variants) in &self.types {
            let variant = build.variants.get(name).copied().unwrap_or(0);
            if variant != -1 {
                types.insert(name.clone(), variants.get(usize::try_from(variant).ok()?)?.clone());
            }
        }
        Some(Layouts { types, constants: self.constants.get(build.constants)?.clone() })
    }

    /// All that was measured: what [`MinorFile::of_measured`] was made from.
    pub fn measured(&self) -> Option<Measured> {
        let mut measured = Measured::new();
        for build in &self.builds {
            let layouts = self.layouts(build)?;
            measured.extend(build.measured.iter().map(|patch| ((build.arch, *patch), layouts.clone())));
        }
        Some(measured)
    }

    /// Puts measurements into the form of a file. The same measurements give the same file, in
    /// whatever order they were made.
    pub fn of_measured(minor: u16, measured: &Measured) -> MinorFile {
        let mut file = MinorFile { minor, ..MinorFile::default() };
        // By architecture, then patch: as the map is ordered.
        let mut groups: Vec<(&Layouts, Build)> = Vec::new();
        let mut before: Option<(Architecture, u16, &Layouts)> = None;
        for (&(arch, patch), layouts) in measured {
            let known = groups.iter_mut().find(|(known, build)| build.arch == arch && *known == layouts);
            let (patches, measured) = (BTreeSet::from([patch]), BTreeSet::from([patch]));
            match known {
                Some((_, build)) => {
                    let from = match before {
                        Some((before_arch, before_patch, same)) if before_arch == arch && same == layouts => {
                            before_patch
                        }
                        _ => patch,
                    };
                    build.patches.extend(from..=patch);
                    build.measured.insert(patch);
                }
                None => groups.push((
                    layouts,
                    Build { arch, patches, measured, constants: 0, variants: BTreeMap::new() },
                )),
            }
            before = Some((arch, patch, layouts));
        }
        for (layouts, _) in &groups {
            for (name, layout) in &layouts.types {
                let variants = file.types.entry(name.clone()).or_default();
                if !variants.contains(layout) {
                    variants.push(layout.clone());
                }
            }
            if !file.constants.contains(&layouts.constants) {
                file.constants.push(layouts.constants.clone());
            }
        }
        for (layouts, mut build) in groups {
            build.constants =
                file.constants.iter().position(|known| *known == layouts.constants).unwrap_or(0);
            for (name, variants) in &file.types {
                let layout = layouts.types.get(name);
                let at = variants.iter().position(|known| Some(known) == layout);
                let variant = at.and_then(|at| isize::try_from(at).ok()).unwrap_or(-1);
                if variant != 0 {
                    build.variants.insert(name.clone(), variant);
                }
            }
            file.builds.push(build);
        }
        file
    }

    /// The text of the file: a line per build, set of constants and variant of a type, so that a
    /// difference between two releases reads as one.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        let mut text = format!("{{\n\"minor\": {},\n\"builds\": {},\n", self.minor, lines(&self.builds)?);
        // Writing to a String cannot fail.
        let _ = writeln!(text, "\"constants\": {},\n\"types\": {{", lines(&self.constants)?);
        for (index, (name, variants)) in self.types.iter().enumerate() {
            let comma = if index + 1 == self.types.len() { "" } else { "," };
            let _ = writeln!(text, "{}: {}{comma}", serde_json::to_string(name)?, lines(variants)?);
        }
        text.push_str("}\n}\n");
        Ok(text)
    }
}

fn lines<T: Serialize>(items: &[T]) -> Result<String, serde_json::Error> {
    let items: Vec<String> = items.iter().map(serde_json::to_string).collect::<Result<_, _>>()?;
    Ok(format!("[\n{}\n]", items.join(",\n")))
}

/// A [`FieldLayout`] as its numbers: `[offset, size]`, for arrays `[offset, size, stride, len]`.
#[derive(Debug, Clone, Copy)]
pub(super) struct FieldNumbers(FieldLayout);

impl From<FieldLayout> for FieldNumbers {
    fn from(field: FieldLayout) -> FieldNumbers {
        FieldNumbers(field)
    }
}

impl From<FieldNumbers> for FieldLayout {
    fn from(numbers: FieldNumbers) -> FieldLayout {
        numbers.0
    }
}

impl Serialize for FieldNumbers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let FieldLayout { offset, size, array } = self.0;
        let mut numbers = serializer.serialize_seq(None)?;
        numbers.serialize_element(&offset)?;
        numbers.serialize_element(&size)?;
        if let Some(ArrayLayout { stride, len }) = array {
            numbers.serialize_element(&stride)?;
            numbers.serialize_element(&len)?;
        }
        numbers.end()
    }
}

impl<'de> Deserialize<'de> for FieldNumbers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<FieldNumbers, D::Error> {
        struct Numbers;
        impl<'de> Visitor<'de> for Numbers {
            type Value = FieldNumbers;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("offset, size and, for an array, stride and length")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut numbers: A) -> Result<FieldNumbers, A::Error> {
                let missing = |count| move || de::Error::invalid_length(count, &Numbers);
                let offset = numbers.next_element()?.ok_or_else(missing(0))?;
                let size = numbers.next_element()?.ok_or_else(missing(1))?;
                let array = match numbers.next_element()? {
                    Some(stride) => {
                        Some(ArrayLayout { stride, len: numbers.next_element()?.ok_or_else(missing(3))? })
                    }
                    None => None,
                };
                Ok(FieldNumbers(FieldLayout { offset, size, array }))
            }
        }
        deserializer.deserialize_seq(Numbers)
    }
}
