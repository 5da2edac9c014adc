//! The ways of building that leave different traces in an executable.

use snapshot::Architecture;

/// How a program is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Variant {
    /// `go build` without cgo: symbol table and DWARF are there.
    Plain,
    /// `-ldflags='-s -w'`: neither is.
    Stripped,
    /// Position independent.
    Pie,
    /// Position independent and stripped.
    PieStripped,
    /// With cgo.
    Cgo,
    /// With cgo, linked by the C linker, position independent, stripped: how distributions build.
    CgoPieStripped,
    /// With cgo, linked statically by the C linker.
    Static,
    /// A shared library in a program in C.
    CShared,
    /// With the race detector, and thus cgo.
    Race,
    /// Without optimisation and inlining, as for a debugger.
    NoOptimisation,
}

impl Variant {
    /// Every variant.
    pub const ALL: [Variant; 10] = [
        Variant::Plain,
        Variant::Stripped,
        Variant::Pie,
        Variant::PieStripped,
        Variant::Cgo,
        Variant::CgoPieStripped,
        Variant::Static,
        Variant::CShared,
        Variant::Race,
        Variant::NoOptimisation,
    ];

    /// Its name in file names and messages.
    pub fn name(self) -> &'static str {
        match self {
            Variant::Plain => "plain",
            Variant::Stripped => "stripped",
            Variant::Pie => "pie",
            Variant::PieStripped => "pie-stripped",
            Variant::Cgo => "cgo",
            Variant::CgoPieStripped => "cgo-pie-stripped",
            Variant::Static => "static",
            Variant::CShared => "c-shared",
            Variant::Race => "race",
            Variant::NoOptimisation => "no-optimisation",
        }
    }

    /// Whether C code is linked in, which takes a C compiler.
    pub fn uses_cgo(self) -> bool {
        match self {
            Variant::Cgo | Variant::CgoPieStripped | Variant::Static | Variant::CShared | Variant::Race => {
                true
            }
            Variant::Plain
            | Variant::Stripped
            | Variant::Pie
            | Variant::PieStripped
            | Variant::NoOptimisation => false,
        }
    }

    /// Whether it can be built for that architecture here: C code for another one takes a cross compiler.
    pub fn exists_for(self, architecture: Architecture) -> bool {
        architecture == Architecture::Amd64 || !self.uses_cgo()
    }

    /// What it adds to `go build`.
    pub(crate) fn arguments(self) -> &'static [&'static str] {
        match self {
            Variant::Plain | Variant::Cgo => &[],
            Variant::Stripped => &["-ldflags=-s -w"],
            Variant::Pie => &["-buildmode=pie"],
            Variant::PieStripped => &["-buildmode=pie", "-ldflags=-s -w"],
            Variant::CgoPieStripped => &["-buildmode=pie", "-ldflags=-s -w -linkmode=external"],
            // Without -tags=netgo: then no package would need C, and Go 1.19 linked so dies of SIGTRAP at once.
            Variant::Static => &["-ldflags=-linkmode=external -extldflags=-static"],
            Variant::CShared => &["-buildmode=c-shared"],
            Variant::Race => &["-race"],
            Variant::NoOptimisation => &["-gcflags=all=-N -l"],
        }
    }
}
