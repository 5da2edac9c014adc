//! Which words of a value of some type are pointers.

use std::rc::Rc;

use go_binary::layout::Release;
use go_binary::{Bytes, PointerMask};
use process_memory::{ProcessMemory, ReadValues};
use rustc_hash::FxHashMap;
use snapshot::Address;

use crate::fields::TypeFields;

/// `GCData` is a program instead of a mask (`abi.KindGCProg`, up to Go 1.23).
const KIND_GC_PROGRAM: u8 = 1 << 6;
/// `GCData` is no plain mask either. Since Go 1.24 it points to where there is a pointer to one, once there is one
/// (`abi.TFlagGCMaskOnDemand`, for types that are large); before, reflection makes such types
/// (`abi.TFlagUnrolledBitmap`).
const FLAG_NO_MASK: u8 = 1 << 4;
/// The compiler makes masks of up to 2 KiB, reflection up to so many.
const MASK_MAX: u64 = 1 << 20;

/// A type, as far as the garbage collector cares.
#[derive(Debug)]
pub(super) struct TypeMask {
    /// Bytes of a value.
    pub(super) size: u64,
    /// Offsets of pointers in it, in words.
    pub(super) pointers: Box<[u32]>,
}

/// The types that objects were found to have.
#[derive(Debug)]
pub(super) struct TypeMasks {
    known: FxHashMap<Address, Option<Rc<TypeMask>>>,
    /// Whether masks are made on demand.
    on_demand: bool,
}

impl TypeMasks {
    /// No types yet, of a program of some release.
    pub(super) fn of(release: Release) -> Self {
        TypeMasks { known: FxHashMap::default(), on_demand: release.minor >= 24 }
    }

    /// The type at `at`, if a value of it fits into `room` bytes; `None` if there is no mask for it, so that each word
    /// may be a pointer.
    pub(super) fn get<M: ProcessMemory>(
        &mut self,
        memory: &M,
        at: Address,
        fields: &TypeFields,
        room: u64,
    ) -> Option<Rc<TypeMask>> {
        let on_demand = self.on_demand;
        let look_up = || read(memory, at, fields, on_demand, room).map(Rc::new);
        self.known.entry(at).or_insert_with(look_up).clone().filter(|mask| mask.size <= room)
    }
}

fn read<M: ProcessMemory>(
    memory: &M,
    at: Address,
    fields: &TypeFields,
    on_demand: bool,
    room: u64,
) -> Option<TypeMask> {
    let bytes = memory.read_vec(at, fields.size).ok()?;
    let (size, pointer_bytes) = (bytes.u64_at(fields.bytes)?, bytes.u64_at(fields.pointer_bytes)?);
    let (kind, flags) = (bytes.u8_at(fields.kind)?, bytes.u8_at(fields.flags)?);
    let mut mask = bytes.address_at(fields.mask)?;
    match (on_demand, flags & FLAG_NO_MASK != 0) {
        (true, true) => mask = memory.read_address(mask).ok().filter(|mask| !mask.is_null())?,
        (true, false) => {}
        (false, no_mask) if no_mask || kind & KIND_GC_PROGRAM != 0 => return None,
        (false, _) => {}
    }
    let words = pointer_bytes / 8;
    // What is larger than the object is not its type, and its mask is not for that to make us keep.
    if size == 0 || size > room || pointer_bytes > size || words.div_ceil(8) > MASK_MAX {
        return None;
    }
    let mask = memory.read_vec(mask, usize::try_from(words.div_ceil(8)).ok()?);
    let mask = PointerMask::new(words, mask.ok()?);
    let pointers = mask.pointers().filter_map(|word| u32::try_from(word).ok()).collect();
    Some(TypeMask { size, pointers })
}
