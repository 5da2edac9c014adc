//! pprof label sets in both of their forms.

use snapshot::Address;

use crate::process::ProcessBuilder;

/// Slots of a bucket of a classic map.
const SLOTS: usize = 8;
/// top hashes, keys, values, overflow
const BUCKET_BYTES: usize = SLOTS + SLOTS * 16 * 2 + 8;
/// `runtime.hmap`
const MAP_BYTES: usize = 48;

impl ProcessBuilder {
    /// Writes a label set and says what `g.labels` is then.
    pub(crate) fn labels(&mut self, labels: &[(String, String)]) -> Address {
        if labels.is_empty() {
            Address::NULL
        } else if self.layout.labels_are_maps {
            self.label_map(labels)
        } else {
            self.label_slice(labels)
        }
    }

    /// `struct { list []struct { key, value string } }`
    fn label_slice(&mut self, labels: &[(String, String)]) -> Address {
        let array = self.allocate(labels.len() * 32);
        for ((key, value), index) in labels.iter().zip(0..) {
            self.put_string(array.offset(index * 32), key);
            self.put_string(array.offset(index * 32 + 16), value);
        }
        let set = self.allocate(24);
        self.memory.put_address(set, array);
        self.memory.put_u64(set.offset(8), labels.len() as u64);
        self.memory.put_u64(set.offset(16), labels.len() as u64);
        set
    }

    /// `map[string]string`: one bucket and as many overflow buckets as are needed.
    fn label_map(&mut self, labels: &[(String, String)]) -> Address {
        let mut next = Address::NULL;
        for bucket in labels.chunks(SLOTS).rev() {
            let at = self.allocate(BUCKET_BYTES);
            for ((key, value), slot) in bucket.iter().zip(0..) {
                self.memory.put_u8(at.offset(slot), 0x80 + u8::try_from(slot).expect("eight slots"));
                self.put_string(at.offset(8 + slot * 16), key);
                self.put_string(at.offset(8 + 128 + slot * 16), value);
            }
            self.memory.put_address(at.offset(BUCKET_BYTES as u64 - 8), next);
            next = at;
        }
        // count int, flags u8, B u8, noverflow u16, hash0 u32, buckets, oldbuckets, nevacuate, extra
        let map = self.allocate(MAP_BYTES);
        self.memory.put_u64(map, labels.len() as u64);
        self.memory.put_address(map.offset(16), next);
        let labels = self.allocate(8);
        self.memory.put_address(labels, map);
        labels
    }

    fn put_string(&mut self, at: Address, text: &str) {
        let (bytes, len) = self.string(text);
        self.memory.put_address(at, bytes);
        self.memory.put_u64(at.offset(8), len);
    }
}
