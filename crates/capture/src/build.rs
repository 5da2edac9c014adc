//! Which build of a program a process runs.

use go_binary::BuildInfo;

/// Characters of each text that are kept: what is longer is no name that anybody gave.
const CHARS_MAX: usize = 256;

/// A build, as far as the executable says it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProgramBuild {
    /// Import path of the main package.
    pub package: Option<String>,
    /// Version of the main module; none where the build did not know (`(devel)`).
    pub version: Option<String>,
    /// Revision in version control (`vcs.revision`).
    pub revision: Option<String>,
    /// Whether there were changes beside that revision (`vcs.modified`).
    pub modified: bool,
    /// What `go tool buildid` says: the same for the same sources, toolchain and flags.
    pub id: Option<String>,
}

impl ProgramBuild {
    pub(crate) fn of(info: &BuildInfo) -> Self {
        let kept = |text: &str| text.chars().take(CHARS_MAX).collect::<String>();
        let named = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(kept);
        ProgramBuild {
            package: named(info.path.as_deref()),
            version: named(info.module_version.as_deref().filter(|version| *version != "(devel)")),
            revision: named(info.setting("vcs.revision")),
            modified: info.setting("vcs.modified") == Some("true"),
            id: named(info.build_id.as_deref()),
        }
    }

    /// Whether another is the same build; `None` where too little is known of one of them.
    pub fn is(&self, other: &ProgramBuild) -> Option<bool> {
        if let (Some(one), Some(another)) = (&self.id, &other.id) {
            return Some(one == another);
        }
        if let (Some(one), Some(another)) = (&self.revision, &other.revision) {
            return Some((one, self.modified) == (another, other.modified));
        }
        let (one, another) = (self.version.as_ref()?, other.version.as_ref()?);
        Some(one == another)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn builds_are_compared_by_the_best_that_both_have() {
        let build = |id: &str, revision: &str, version: &str| {
            let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
            ProgramBuild {
                id: some(id),
                revision: some(revision),
                version: some(version),
                ..ProgramBuild::default()
            }
        };
        assert_eq!(build("a", "r", "v1").is(&build("a", "s", "v2")), Some(true));
        assert_eq!(build("a", "r", "v1").is(&build("b", "r", "v1")), Some(false));
        assert_eq!(build("", "r", "v1").is(&build("b", "r", "v2")), Some(true));
        assert_eq!(build("", "", "v1").is(&build("b", "r", "v2")), Some(false));
        assert_eq!(build("", "", "v1").is(&build("b", "r", "")), None);
    }

    #[test]
    fn endless_names_are_cut_and_no_version_is_none() {
        let settings = vec![("vcs.revision".to_owned(), "x".repeat(1000))];
        let version = Some("(devel)".to_owned());
        let info = BuildInfo { settings, module_version: version, ..BuildInfo::default() };
        let build = ProgramBuild::of(&info);
        assert_eq!((build.revision.unwrap().len(), build.version), (CHARS_MAX, None));
    }
}
