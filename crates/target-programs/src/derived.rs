//! Programs whose sources are not ours: Go's own leak programs, taken from a toolchain when they are built.
//!
//! The toolchain has them in `src/runtime/testdata/testgoroutineleakprofile` since 1.26. Each function there leaks
//! goroutines, takes the runtime's leak profile and ends. All that is changed is one import: `leakprofile`
//! (`test-programs/internal`) takes the place of `runtime/pprof`, and where it is asked for a profile to print, it
//! answers questions until it is told to exit. So every goroutine, the one that asks as well, is just where it would be
//! profiled. Nothing else in them needs a release later than 1.19: no shims, and nothing is left out.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::TargetError;
use crate::matrix::NEWEST;
use crate::program::Program;

const PROFILE: &str = "\t\"runtime/pprof\"\n";
const INSTEAD: &str = "\tpprof \"gostat.example/test-programs/internal/leakprofile\"\n";

/// A source file: its name, and its text.
pub(crate) type Source = (String, String);

/// The sources of a program that is not in `test-programs/`, in order of their names; `None` for those that are.
pub(crate) fn sources(program: Program) -> Result<Option<Vec<Source>>, TargetError> {
    let folder = match program {
        Program::GoLeaksMicro => "",
        Program::GoLeaksGoker => "goker",
        _ => return Ok(None),
    };
    // Other releases have older versions of them, or none.
    let folder = NEWEST.goroot()?.join("src/runtime/testdata/testgoroutineleakprofile").join(folder);
    let mut sources = Vec::new();
    for entry in fs::read_dir(&folder).map_err(TargetError::file(&folder))? {
        let path = entry.map_err(TargetError::file(&folder))?.path();
        if path.extension().is_some_and(|extension| extension == "go") {
            let text = fs::read_to_string(&path).map_err(TargetError::file(&path))?;
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            sources.push((name, text.replace(PROFILE, INSTEAD)));
        }
    }
    sources.sort();
    Ok(Some(sources))
}

/// Writes the sources to `sources` below `work`, and the file for `go build -overlay` that makes them appear in
/// `folder`; its path.
pub(crate) fn write_overlay(sources: &[Source], work: &Path, folder: &Path) -> Result<PathBuf, TargetError> {
    let written = work.join("sources");
    fs::create_dir(&written).map_err(TargetError::file(&written))?;
    let mut replaced = Vec::new();
    for (name, text) in sources {
        let path = written.join(name);
        fs::write(&path, text).map_err(TargetError::file(&path))?;
        // Rust's notation of strings is JSON's, for paths without control characters.
        replaced.push(format!("{:?}: {:?}", folder.join(name), path));
    }
    let overlay = work.join("overlay.json");
    let text = format!("{{\"Replace\": {{{}}}}}\n", replaced.join(",\n"));
    fs::write(&overlay, text).map_err(TargetError::file(&overlay))?;
    Ok(overlay)
}
