//! Messages on disk: accepted, not delivered yet. One file each, whole or not there.

use std::fs::{self, DirBuilder, File, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::alert::Notice;
use crate::error::AlertingError;

/// Longer than any message: alerts are bounded.
const FILE_BYTES_MAX: u64 = 1 << 20;
/// Files that are set aside because they cannot be read; further ones are deleted.
const BROKEN_MAX: usize = 10;

/// A message with when it was accepted.
#[derive(Serialize, Deserialize)]
pub(super) struct Stored {
    pub(super) accepted_unix_ms: u64,
    pub(super) notice: Notice,
}

/// The directory of one sink.
pub(super) struct Spool {
    directory: PathBuf,
    /// Held for as long as this lives, so that no second agent sends the same.
    lock: File,
}

/// What was in a directory.
pub(super) struct Found {
    /// Messages by number, ascending, with their bytes.
    pub(super) messages: Vec<(u64, Stored, u64)>,
    /// Files that could not be read: renamed to `….broken`.
    pub(super) broken: u64,
}

impl Spool {
    /// Opens the directory of a sink, and reads what an agent before us left.
    pub(super) fn open(parent: &Path, sink: &str) -> Result<(Spool, Found), AlertingError> {
        let directory = parent.join(sink);
        let failed = |source| AlertingError::Spool { path: directory.clone(), source };
        DirBuilder::new().recursive(true).mode(0o700).create(&directory).map_err(failed)?;
        let lock = File::create(directory.join("lock")).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(AlertingError::SpoolInUse { path: directory }),
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        let found = read_all(&directory).map_err(failed)?;
        Ok((Spool { directory, lock }, found))
    }

    /// Writes a message, and gives its bytes once it would survive us.
    pub(super) fn write(&self, number: u64, stored: &Stored) -> io::Result<u64> {
        let text = serde_json::to_vec(stored)?;
        let unfinished = self.directory.join(format!("{number:020}.unfinished"));
        let written = File::create(&unfinished).and_then(|mut file| {
            file.write_all(&text)?;
            file.sync_all()
        });
        let written = written.and_then(|()| {
            fs::rename(&unfinished, self.path(number))?;
            // The name has to last, too.
            File::open(&self.directory)?.sync_all()
        });
        if written.is_err() {
            // A full disk should not be kept full by the half of a file.
            let _ = fs::remove_file(&unfinished);
        }
        written.map(|()| text.len() as u64)
    }

    /// Forgets a message. One that cannot be deleted will be sent again after a restart.
    pub(super) fn remove(&self, number: u64) -> io::Result<()> {
        match fs::remove_file(self.path(number)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn path(&self, number: u64) -> PathBuf {
        self.directory.join(format!("{number:020}.json"))
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        // Closing is not enough: a child that another thread is just starting has the file open until it is executed.
        let _ = self.lock.unlock();
    }
}

fn read_all(directory: &Path) -> io::Result<Found> {
    let mut numbers = Vec::new();
    let mut broken_before = 0;
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        let number = path.file_stem().and_then(|stem| stem.to_str()?.parse::<u64>().ok());
        match (path.extension().and_then(|ending| ending.to_str()), number) {
            (Some("json"), Some(number)) => numbers.push((number, path)),
            (Some("unfinished"), Some(_)) => fs::remove_file(&path)?,
            (Some("broken"), _) => broken_before += 1,
            _ => {}
        }
    }
    numbers.sort();
    let mut found = Found { messages: Vec::new(), broken: 0 };
    for (number, path) in numbers {
        match read_one(&path) {
            Ok((stored, bytes)) => found.messages.push((number, stored, bytes)),
            // Not readable now is not broken: the file stays what it is.
            Err(error) if error.kind() != io::ErrorKind::InvalidData => return Err(error),
            Err(_) => {
                found.broken += 1;
                match broken_before < BROKEN_MAX {
                    true => fs::rename(&path, path.with_extension("broken"))?,
                    false => fs::remove_file(&path)?,
                }
                broken_before += 1;
            }
        }
    }
    Ok(found)
}

fn read_one(path: &Path) -> io::Result<(Stored, u64)> {
    let mut text = Vec::new();
    File::open(path)?.take(FILE_BYTES_MAX).read_to_end(&mut text)?;
    let stored =
        serde_json::from_slice(&text).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
    Ok((stored, text.len() as u64))
}
