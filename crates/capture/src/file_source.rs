//! A file as a source of bytes, read as needed.
//!
//! Read and not mapped: an executable that is overwritten in place would kill whoever has it mapped.

use std::fs::File;
use std::os::unix::fs::FileExt;

use go_binary::{ByteSource, SourceError};

/// An open file.
#[derive(Debug)]
pub(crate) struct FileSource {
    file: File,
    len: u64,
}

impl FileSource {
    pub(crate) fn new(file: File) -> std::io::Result<Self> {
        let len = file.metadata()?.len();
        Ok(FileSource { file, len })
    }
}

impl ByteSource for FileSource {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<(), SourceError> {
        let len = buf.len() as u64;
        let failed = |error: std::io::Error| SourceError::Io { at: offset, len, kind: error.kind() };
        self.file.read_exact_at(buf, offset).map_err(failed)
    }
}
