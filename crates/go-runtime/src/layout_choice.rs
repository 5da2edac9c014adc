//! Which layouts to try on a program, in order of trust.
//!
//! 1. The table made from this very patch release.
//! 2. The executable's own debug information: first, for builds with experiments, which may move fields.
//! 3. The table of the nearest patch release, then the other layouts of the same minor release, then the
//!    newest of the one before: fields have moved within minor releases (1.23, 1.24), and a new patch
//!    release is most often like its neighbour. The self-test decides.

use std::sync::Arc;

use go_binary::build_info::BuildInfo;
use go_binary::layout::{Layouts, Release, dwarf, table};
use go_binary::{BinaryError, Executable};
use snapshot::LayoutSource;

/// A file beyond this is not read whole for a few offsets.
const FILE_MAX: u64 = 1 << 30;

/// Sets of layouts, each looked up only when the one before has failed.
pub(crate) struct LayoutCandidates {
    executable: Arc<Executable>,
    release: Release,
    /// Still to try, the next one last.
    steps: Vec<Step>,
}

#[derive(Debug)]
enum Step {
    /// The table of this release.
    Exact(Layouts),
    Dwarf,
    /// The table of another release.
    Other(Release),
}

impl LayoutCandidates {
    pub(crate) fn of(
        executable: &Arc<Executable>,
        build_info: &BuildInfo,
        release: Release,
    ) -> Result<Self, BinaryError> {
        let architecture = executable.architecture();
        let exact = table::exact(release, architecture);
        let known_release = exact.is_some();
        let dwarf = [".debug_info", ".zdebug_info"].iter().any(|name| executable.section(name).is_some());
        let mut steps = Vec::new();
        steps.extend(exact.map(Step::Exact));
        if dwarf {
            let place = if build_info.go_version.contains("X:") { 0 } else { steps.len() };
            steps.insert(place, Step::Dwarf);
        }
        if !known_release && let Some(nearest) = table::nearest(release, architecture) {
            steps.push(Step::Other(nearest.release));
            let known = table::known().into_iter().map(|known| known.release);
            let alike = known.filter(|other| other.minor == release.minor && *other != nearest.release);
            let mut alike: Vec<Release> = alike.collect();
            alike.sort_by_key(|other| std::cmp::Reverse(other.patch));
            alike.dedup();
            steps.extend(alike.into_iter().map(Step::Other));
        }
        if steps.is_empty() {
            let version = build_info.go_version.clone();
            return Err(BinaryError::UnknownLayout { version, architecture: architecture.goarch() });
        }
        steps.reverse();
        Ok(LayoutCandidates { executable: Arc::clone(executable), release, steps })
    }
}

impl Iterator for LayoutCandidates {
    type Item = (Layouts, LayoutSource);

    fn next(&mut self) -> Option<Self::Item> {
        let architecture = self.executable.architecture();
        while let Some(step) = self.steps.pop() {
            let found = match step {
                Step::Exact(layouts) => Some((layouts, LayoutSource::Table)),
                Step::Dwarf => self.with_dwarf().map(|found| (found, LayoutSource::Dwarf)),
                Step::Other(release) => table::exact(release, architecture)
                    .map(|found| (found, LayoutSource::Nearest(format!("go{release}")))),
            };
            if found.is_some() {
                return found;
            }
        }
        None
    }
}

impl LayoutCandidates {
    fn with_dwarf(&self) -> Option<Layouts> {
        let len = Some(self.executable.file_len()).filter(|len| *len <= FILE_MAX)?;
        let len = usize::try_from(len).ok()?;
        let file = self.executable.read_file(0, len).ok()?;
        let mut layouts = dwarf::from_executable(&file).ok()?;
        // Debug information has only the types that the program uses.
        if let Some(table) = table::nearest(self.release, self.executable.architecture()) {
            layouts.complete_from(table.layouts);
        }
        Some(layouts)
    }
}
