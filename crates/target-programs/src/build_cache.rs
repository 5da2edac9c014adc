//! Where built programs are kept, and under what name.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::error::TargetError;

/// Programs of other sources are removed when they are older: a checkout that still needs one builds it again.
const KEPT: Duration = Duration::from_secs(3 * 24 * 60 * 60);

/// The root of this repository.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// `${GOSTAT_CACHE:-~/.cache/gostat}/programs`, created if need be.
pub(crate) fn programs() -> Result<PathBuf, TargetError> {
    let cache = match (std::env::var_os("GOSTAT_CACHE"), std::env::var_os("HOME")) {
        (Some(cache), _) if !cache.is_empty() => PathBuf::from(cache),
        (_, Some(home)) => PathBuf::from(home).join(".cache/gostat"),
        _ => return Err(TargetError::NoCache),
    };
    let programs = cache.join("programs");
    fs::create_dir_all(&programs).map_err(TargetError::file(&programs))?;
    Ok(programs)
}

/// Lets one process build at a time: a Go build takes all processors by itself. Unlocked when dropped.
pub(crate) fn lock(programs: &Path) -> Result<File, TargetError> {
    let path = programs.join(".lock");
    let file = File::create(&path).map_err(TargetError::file(&path))?;
    file.lock().map_err(TargetError::file(&path))?;
    Ok(file)
}

/// A hash of all files below some folders, names and contents, and of how they are built.
pub(crate) fn fingerprint(folders: &[PathBuf], arguments: &[String]) -> Result<u64, TargetError> {
    let mut hasher = DefaultHasher::new();
    arguments.hash(&mut hasher);
    for folder in folders {
        hash_folder(folder, &mut hasher)?;
    }
    Ok(hasher.finish())
}

fn hash_folder(folder: &Path, hasher: &mut DefaultHasher) -> Result<(), TargetError> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(TargetError::file(folder))? {
        paths.push(entry.map_err(TargetError::file(folder))?.path());
    }
    paths.sort();
    for path in paths {
        path.file_name().hash(hasher);
        if path.is_dir() {
            hash_folder(&path, hasher)?;
        } else {
            fs::read(&path).map_err(TargetError::file(&path))?.hash(hasher);
        }
    }
    Ok(())
}

/// Removes folders of the same build from other sources, once they are old. Best effort: it is a cache.
pub(crate) fn remove_old(programs: &Path, prefix: &str, keep: &OsStr) {
    let Ok(entries) = fs::read_dir(programs) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let same_build = name.to_str().and_then(|name| name.strip_prefix(prefix)).is_some_and(is_fingerprint);
        let modified = entry.metadata().and_then(|metadata| metadata.modified());
        let old = modified
            .is_ok_and(|then| SystemTime::now().duration_since(then).is_ok_and(|passed| passed > KEPT));
        if same_build && old && name != keep {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn is_fingerprint(text: &str) -> bool {
    text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fingerprint_covers_names_contents_and_arguments() {
        let folder = tempfile::tempdir().unwrap();
        let folders = [folder.path().to_owned()];
        let of = |arguments: &[&str]| {
            let arguments: Vec<String> = arguments.iter().map(|&argument| argument.to_owned()).collect();
            fingerprint(&folders, &arguments).unwrap()
        };
        fs::write(folder.path().join("a.go"), "package a").unwrap();
        let before = of(&["-race"]);
        assert_eq!(before, of(&["-race"]));
        assert_ne!(before, of(&[]));
        fs::write(folder.path().join("a.go"), "package b").unwrap();
        let changed = of(&["-race"]);
        assert_ne!(before, changed);
        fs::rename(folder.path().join("a.go"), folder.path().join("b.go")).unwrap();
        assert_ne!(changed, of(&["-race"]));
    }
}
