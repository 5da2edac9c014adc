//! Where bytes come from: a file by offset, or a loaded image by static address.

use std::sync::{Mutex, PoisonError};

use rustc_hash::FxHashMap;

use crate::address::StaticAddress;

/// Bytes that could not be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// The range is not (wholly) inside the source.
    #[error("{len} bytes at {at:#x} are outside")]
    OutOfRange {
        /// Offset or static address.
        at: u64,
        /// How many bytes were wanted.
        len: u64,
    },
    /// Reading failed.
    #[error("reading {len} bytes at {at:#x} failed: {kind}")]
    Io {
        /// Offset or static address.
        at: u64,
        /// How many bytes were wanted.
        len: u64,
        /// What the system said.
        kind: std::io::ErrorKind,
    },
}

/// Random access to a file's bytes.
pub trait ByteSource: Send + Sync {
    /// Length of the file in bytes.
    fn len(&self) -> u64;

    /// Whether there is nothing.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Fills `buf` from `offset`.
    ///
    /// # Errors
    /// When the range is outside or cannot be read.
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<(), SourceError>;
}

impl ByteSource for [u8] {
    fn len(&self) -> u64 {
        <[u8]>::len(self) as u64
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<(), SourceError> {
        let len = buf.len();
        let range = usize::try_from(offset).ok().and_then(|start| self.get(start..start.checked_add(len)?));
        let range = range.ok_or(SourceError::OutOfRange { at: offset, len: len as u64 })?;
        buf.copy_from_slice(range);
        Ok(())
    }
}

impl ByteSource for Vec<u8> {
    fn len(&self) -> u64 {
        self.as_slice().len() as u64
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<(), SourceError> {
        self.as_slice().read_at(offset, buf)
    }
}

impl<S: ByteSource + ?Sized> ByteSource for Box<S> {
    fn len(&self) -> u64 {
        (**self).len()
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<(), SourceError> {
        (**self).read_at(offset, buf)
    }
}

/// A loaded image by static address: an executable's segments, or a module in memory.
pub trait StaticMemory {
    /// Fills `buf` from `at`.
    ///
    /// # Errors
    /// When the range is outside or cannot be read.
    fn read_static(&self, at: StaticAddress, buf: &mut [u8]) -> Result<(), SourceError>;

    /// `len` bytes from `at`. The caller has bounded `len`.
    ///
    /// # Errors
    /// As [`StaticMemory::read_static`].
    fn read_static_vec(&self, at: StaticAddress, len: usize) -> Result<Vec<u8>, SourceError> {
        let mut buf = vec![0; len];
        self.read_static(at, &mut buf)?;
        Ok(buf)
    }

    /// A little-endian 32-bit word.
    ///
    /// # Errors
    /// As [`StaticMemory::read_static`].
    fn read_static_u32(&self, at: StaticAddress) -> Result<u32, SourceError> {
        let mut buf = [0; 4];
        self.read_static(at, &mut buf)?;
        Ok(u32::from_le_bytes(buf))
    }

    /// A little-endian 64-bit word.
    ///
    /// # Errors
    /// As [`StaticMemory::read_static`].
    fn read_static_u64(&self, at: StaticAddress) -> Result<u64, SourceError> {
        let mut buf = [0; 8];
        self.read_static(at, &mut buf)?;
        Ok(u64::from_le_bytes(buf))
    }
}

impl<M: StaticMemory + ?Sized> StaticMemory for &M {
    fn read_static(&self, at: StaticAddress, buf: &mut [u8]) -> Result<(), SourceError> {
        (**self).read_static(at, buf)
    }
}

/// Bytes per cached page.
const PAGE: u64 = 16 * 1024;
/// Pages held before the cache starts over: 16 MiB. Lookups touch few pages, so this is rarely reached.
const PAGES_MAX: usize = 1024;

/// A file read in pages, kept: table lookups touch the same few pages again and again.
///
/// A copy and not a mapping, on purpose: a file that shrinks under a mapping kills its reader.
pub struct PagedSource<S> {
    inner: S,
    pages: Mutex<FxHashMap<u64, Box<[u8]>>>,
}

impl<S: ByteSource> PagedSource<S> {
    /// Caches reads of `inner`.
    pub fn new(inner: S) -> Self {
        PagedSource { inner, pages: Mutex::default() }
    }

    fn read_in_page(&self, offset: u64, buf: &mut [u8]) -> Result<(), SourceError> {
        let out_of_range = SourceError::OutOfRange { at: offset, len: buf.len() as u64 };
        let (number, within) = (offset / PAGE, usize::try_from(offset % PAGE).unwrap_or(usize::MAX));
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        if !pages.contains_key(&number) {
            let start = number * PAGE;
            let len = self.inner.len().checked_sub(start).ok_or(out_of_range.clone())?.min(PAGE);
            let mut page = vec![0; usize::try_from(len).unwrap_or_default()];
            self.inner.read_at(start, &mut page)?;
            if pages.len() >= PAGES_MAX {
                pages.clear();
            }
            pages.insert(number, page.into());
        }
        let page = pages.get(&number).and_then(|page| page.get(within..within + buf.len()));
        buf.copy_from_slice(page.ok_or(out_of_range)?);
        Ok(())
    }
}

impl<S: ByteSource> ByteSource for PagedSource<S> {
    fn len(&self) -> u64 {
        self.inner.len()
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<(), SourceError> {
        // A large block is read once, by a scan: it would only push the useful pages out.
        if buf.len() as u64 > PAGE {
            return self.inner.read_at(offset, buf);
        }
        let first = usize::try_from(PAGE - offset % PAGE).unwrap_or(usize::MAX).min(buf.len());
        let (head, tail) = buf.split_at_mut(first);
        self.read_in_page(offset, head)?;
        if tail.is_empty() { Ok(()) } else { self.read_in_page(offset + first as u64, tail) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paged_reads_equal_plain_reads_across_page_borders() {
        let bytes: Vec<u8> = (0..100_000u32).map(|i| (i % 251) as u8).collect();
        let paged = PagedSource::new(bytes.clone());
        for (offset, len) in [(0, 10), (16_380, 8), (16_384, 1), (99_990, 10), (10, 50_000), (99_999, 1)] {
            let mut got = vec![0; len];
            paged.read_at(offset as u64, &mut got).unwrap();
            assert_eq!(got, bytes[offset..offset + len]);
        }
        assert!(paged.read_at(99_990, &mut [0; 11]).is_err());
        assert!(paged.read_at(200_000, &mut [0; 1]).is_err());
        assert!(paged.read_at(u64::MAX, &mut [0; 4]).is_err());
    }
}
