//! A file system that is soon full. Also for tests of those who write histories.

use std::path::PathBuf;
use std::process::Command;

/// A file system of a few MB, as long as this lives.
pub(crate) struct SmallFileSystem(tempfile::TempDir);

impl SmallFileSystem {
    /// Mounts one, or says why that is not possible.
    pub(crate) fn mount(megabytes: u32) -> Result<SmallFileSystem, String> {
        let directory = tempfile::tempdir().unwrap();
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={megabytes}m"), "tmpfs"])
            .arg(directory.path())
            .output()
            .map_err(|error| error.to_string())?;
        if mount.status.success() {
            Ok(SmallFileSystem(directory))
        } else {
            Err(String::from_utf8_lossy(&mount.stderr).into_owned())
        }
    }

    /// The path of a file in it.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}

impl Drop for SmallFileSystem {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path()).status();
    }
}
