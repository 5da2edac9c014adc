//! Memory of a process that never ran.

use process_memory::{ProcessMemory, ReadError, ReadFailure, Traffic};
use snapshot::Address;

/// Mapped ranges with their contents. What is not mapped cannot be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Image {
    regions: Vec<(u64, Vec<u8>)>,
}

impl Image {
    /// Maps `len` zeros at `at`.
    ///
    /// # Panics
    /// When that overlaps what is there.
    pub fn map(&mut self, at: Address, len: usize) {
        let end = at.0 + len as u64;
        let free =
            self.regions.iter().all(|(start, bytes)| end <= *start || start + bytes.len() as u64 <= at.0);
        assert!(free, "{at} is mapped already");
        self.regions.push((at.0, vec![0; len]));
    }

    /// Removes the region that begins at `at`.
    pub fn unmap(&mut self, at: Address) {
        self.regions.retain(|(start, _)| *start != at.0);
    }

    /// Overwrites mapped bytes.
    ///
    /// # Panics
    /// When they are not all in one region.
    pub fn put(&mut self, at: Address, bytes: &[u8]) {
        let target = self.regions.iter_mut().find_map(|(start, region)| {
            let offset = usize::try_from(at.0.checked_sub(*start)?).ok()?;
            region.get_mut(offset..offset + bytes.len())
        });
        target.unwrap_or_else(|| panic!("{at} is not mapped")).copy_from_slice(bytes);
    }

    /// Overwrites a 64-bit word.
    pub fn put_u64(&mut self, at: Address, value: u64) {
        self.put(at, &value.to_le_bytes());
    }

    /// Overwrites a pointer.
    pub fn put_address(&mut self, at: Address, value: Address) {
        self.put_u64(at, value.0);
    }

    /// Overwrites a 32-bit word.
    pub fn put_u32(&mut self, at: Address, value: u32) {
        self.put(at, &value.to_le_bytes());
    }

    /// Overwrites a byte.
    pub fn put_u8(&mut self, at: Address, value: u8) {
        self.put(at, &[value]);
    }

    /// Appends to the last region and says where that is.
    ///
    /// # Panics
    /// When there is none.
    pub fn append(&mut self, zeros: usize) -> Address {
        let (start, bytes) = self.regions.last_mut().expect("a region to grow");
        let at = *start + bytes.len() as u64;
        bytes.resize(bytes.len() + zeros, 0);
        Address(at)
    }
}

impl ProcessMemory for Image {
    fn read(&self, at: Address, buf: &mut [u8]) -> Result<(), ReadError> {
        let held = self.regions.iter().find_map(|(start, bytes)| {
            bytes.get(usize::try_from(at.0.checked_sub(*start)?).ok()?..).filter(|rest| !rest.is_empty())
        });
        let held = held.unwrap_or_default();
        match held.get(..buf.len()) {
            Some(bytes) => {
                buf.copy_from_slice(bytes);
                Ok(())
            }
            None => {
                let (wanted, obtained) = (buf.len(), held.len());
                Err(ReadError { at, wanted, obtained, cause: ReadFailure::NotMapped })
            }
        }
    }

    fn traffic(&self) -> Traffic {
        Traffic::default()
    }
}
