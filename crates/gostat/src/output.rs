//! Where results go: the standard output, or a file that is whole or not there.

use std::fs;
use std::io::{self, BufWriter, StdoutLock, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};
use tempfile::NamedTempFile;

/// Writes results to the file of `--output`, or to the standard output if there is none or it is `-`. A
/// file gets its name only when all of it is on the disk.
pub(crate) fn deliver(
    path: Option<&Path>,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), OutputError> {
    let path = path.filter(|path| *path != Path::new("-"));
    let attempt = || {
        let mut output = Output::open(path)?;
        write(&mut output)?;
        output.finish()
    };
    attempt().map_err(|source| match path {
        Some(path) => OutputError::File { path: path.into(), source },
        None => OutputError::Standard(source),
    })
}

/// A place for results.
#[derive(Debug)]
enum Output {
    /// The standard output.
    Standard(BufWriter<StdoutLock<'static>>),
    /// A file under a temporary name beside the one that it will get.
    Replacement {
        file: BufWriter<NamedTempFile>,
        /// The name to be.
        path: PathBuf,
        /// Set by SIGINT and SIGTERM, so that the temporary file does not stay behind.
        interrupted: Arc<AtomicBool>,
    },
    /// A device or pipe: there is nothing to replace.
    Direct(BufWriter<fs::File>),
}

/// Why results could not be delivered.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OutputError {
    #[error("cannot write to {}", path.display())]
    File {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("cannot write to the standard output")]
    Standard(#[source] io::Error),
}

impl OutputError {
    /// What the user can do about it, if anything.
    pub(crate) fn hint(&self) -> Option<String> {
        let (OutputError::File { source, .. } | OutputError::Standard(source)) = self;
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                Some("the disk is full; nothing was left behind".into())
            }
            io::ErrorKind::NotFound => Some("does the directory exist?".into()),
            _ => None,
        }
    }
}

impl Output {
    fn open(path: Option<&Path>) -> io::Result<Output> {
        match path {
            None => Ok(Output::Standard(BufWriter::new(io::stdout().lock()))),
            Some(path) => open_file(path),
        }
    }

    /// Makes everything that was written count.
    fn finish(mut self) -> io::Result<()> {
        self.flush()?;
        match self {
            Output::Standard(_) | Output::Direct(_) => Ok(()),
            Output::Replacement { file, path, interrupted } => put_in_place(file, &path, &interrupted),
        }
    }
}

fn open_file(path: &Path) -> io::Result<Output> {
    // Through a link to the file that it names: replacing the link would surprise.
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let existing = fs::metadata(&path).ok();
    if existing.as_ref().is_some_and(|metadata| !metadata.is_file() && !metadata.is_dir()) {
        let file = BufWriter::new(fs::OpenOptions::new().write(true).open(&path)?);
        return Ok(Output::Direct(file));
    }
    if existing.as_ref().is_some_and(fs::Metadata::is_dir) {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    // An existing file keeps its permissions; a new one gets what the user's mask allows.
    let permissions = existing.map_or_else(|| fs::Permissions::from_mode(0o666), |old| old.permissions());
    let directory = match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    let interrupted = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        signal_hook::flag::register(signal, Arc::clone(&interrupted))?;
    }
    let file = tempfile::Builder::new()
        .prefix(".gostat-")
        .suffix(".part")
        .permissions(permissions)
        .tempfile_in(directory)?;
    Ok(Output::Replacement { file: BufWriter::new(file), path, interrupted })
}

fn put_in_place(file: BufWriter<NamedTempFile>, path: &Path, interrupted: &AtomicBool) -> io::Result<()> {
    let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
    // Some file systems notice only now that they are full.
    file.as_file().sync_all()?;
    check(interrupted)?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

fn check(interrupted: &AtomicBool) -> io::Result<()> {
    // Not ErrorKind::Interrupted, after which writers just try again.
    if interrupted.load(Ordering::Relaxed) { Err(io::Error::other("interrupted")) } else { Ok(()) }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Output::Standard(stream) => stream.write(bytes),
            Output::Direct(file) => file.write(bytes),
            Output::Replacement { file, interrupted, .. } => {
                check(interrupted)?;
                file.write(bytes)
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Output::Standard(stream) => stream.flush(),
            Output::Direct(file) => file.flush(),
            Output::Replacement { file, .. } => file.flush(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(directory: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(directory)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    fn write_new(path: &Path) -> Result<(), OutputError> {
        deliver(Some(path), |writer| writer.write_all(b"new"))
    }

    #[test]
    fn a_file_appears_only_when_finished() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("out");
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        deliver(Some(&path), |writer| {
            writer.write_all(b"new")?;
            writer.flush()?;
            assert_eq!(fs::read(&path)?, b"old");
            Ok(())
        })
        .unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
        assert_eq!(entries(directory.path()), ["out"]);
    }

    #[test]
    fn nothing_is_left_of_a_failure_or_an_interruption() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("out");
        let error = deliver(Some(&path), |writer| {
            writer.write_all(b"half")?;
            Err(io::ErrorKind::StorageFull.into())
        });
        assert!(error.unwrap_err().hint().unwrap().contains("full"));
        assert_eq!(entries(directory.path()), [""; 0]);

        let output = Output::open(Some(&path)).unwrap();
        let Output::Replacement { interrupted, .. } = &output else { panic!("not a file") };
        interrupted.store(true, Ordering::Relaxed);
        assert!(output.finish().is_err());
        assert_eq!(entries(directory.path()), [""; 0]);
    }

    #[test]
    fn a_link_stays_a_link() {
        let directory = tempfile::tempdir().unwrap();
        let (file, link) = (directory.path().join("file"), directory.path().join("link"));
        fs::write(&file, "old").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        write_new(&link).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(&file).unwrap(), b"new");
    }

    #[test]
    fn devices_directories_and_what_is_not_there() {
        let error = write_new(Path::new("/dev/full")).unwrap_err();
        assert_eq!(error.to_string(), "cannot write to /dev/full");
        assert!(error.hint().unwrap().contains("full"));

        let directory = tempfile::tempdir().unwrap();
        assert!(write_new(directory.path()).is_err());
        let missing = write_new(&directory.path().join("no/such")).unwrap_err();
        assert!(missing.hint().unwrap().contains("directory"));
    }
}
