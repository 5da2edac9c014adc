//! The layouts of released toolchains, embedded: for executables whose own DWARF is gone.
//!
//! Only the file of the minor release asked for is parsed, in about a millisecond; nothing is
//! kept, as a caller asks once per target.

use super::encoding::{Build, MinorFile};
use super::{Architecture, Layouts, Release, embedded};

/// Layouts found in the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The layouts.
    pub layouts: Layouts,
    /// The release that they hold for. Not the one asked for unless that is in the table: then
    /// they are a guess that the caller has to check against the target.
    pub release: Release,
    /// Whether a program built by just that release was measured. If not, it lies between two
    /// that were and are equal.
    pub measured: bool,
}

/// A release that the table has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Known {
    /// Which release.
    pub release: Release,
    /// On which architecture.
    pub arch: Architecture,
    /// As [`Found::measured`].
    pub measured: bool,
}

/// The layouts of a release, if the table has just that one.
pub fn exact(release: Release, arch: Architecture) -> Option<Layouts> {
    find(&parse(release.minor)?, release.patch?, arch).map(|found| found.layouts)
}

/// The layouts of the release itself, else of the nearest patch of the same minor release (the
/// older of two), else those of the newest patch of the newest older minor release.
///
/// `None` for what is older than all that the table has.
pub fn nearest(release: Release, arch: Architecture) -> Option<Found> {
    // What is not numbered (a release candidate) came before the first patch.
    let wanted = release.patch.unwrap_or(0);
    let same = parse(release.minor).and_then(|file| {
        let patch = patches(&file, arch).min_by_key(|patch| (patch.abs_diff(wanted), *patch))?;
        find(&file, patch, arch)
    });
    same.or_else(|| {
        let older = embedded::MINORS.iter().rev().filter(|(minor, _)| *minor < release.minor);
        older.filter_map(|(minor, _)| parse(*minor)).find_map(|file| {
            let patch = patches(&file, arch).max()?;
            find(&file, patch, arch)
        })
    })
}

/// Everything that the table has, in order of release.
pub fn known() -> Vec<Known> {
    let mut known = Vec::new();
    for file in embedded::MINORS.iter().filter_map(|(minor, _)| parse(*minor)) {
        for build in &file.builds {
            known.extend(build.patches.iter().map(|patch| Known {
                release: Release { minor: file.minor, patch: Some(*patch) },
                arch: build.arch,
                measured: build.measured.contains(patch),
            }));
        }
    }
    known.sort();
    known
}

/// The file of a minor release. The files are part of this program, and a test parses them all:
/// one that does not parse is as good as one that is not there.
fn parse(minor: u16) -> Option<MinorFile> {
    let (_, json) = embedded::MINORS.iter().find(|(known, _)| *known == minor)?;
    MinorFile::parse(json).ok()
}

fn builds(file: &MinorFile, arch: Architecture) -> impl Iterator<Item = &Build> {
    file.builds.iter().filter(move |build| build.arch == arch)
}

fn patches(file: &MinorFile, arch: Architecture) -> impl Iterator<Item = u16> {
    builds(file, arch).flat_map(|build| build.patches.iter().copied())
}

fn find(file: &MinorFile, patch: u16, arch: Architecture) -> Option<Found> {
    let build = builds(file, arch).find(|build| build.patches.contains(&patch))?;
    Some(Found {
        layouts: file.layouts(build)?,
        release: Release { minor: file.minor, patch: Some(patch) },
        measured: build.measured.contains(&patch),
    })
}
