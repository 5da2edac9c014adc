//! References in arm64 code: ADRP of a page, then an offset in ADD, a load, a store or an atomic.
//!
//! Encodings: Arm Architecture Reference Manual, C4.1. Go's assembler and compiler use the forms below
//! (measured on Go 1.19 to 1.27); any other instruction only ends what is known of its target register.

use super::{Access, Step};
use crate::address::StaticAddress;

/// The zero register, which never holds an address.
const ZERO: u8 = 31;

pub(super) fn steps(code: &[u8], entry: StaticAddress) -> Vec<Step> {
    let mut known = [None; 32];
    let words = code.chunks_exact(4).map(|word| word.try_into().map_or(0, u32::from_le_bytes));
    words
        .enumerate()
        .map(|(index, word)| step(word, entry.0.wrapping_add(index as u64 * 4), &mut known))
        .collect()
}

/// `BL`: where it is, and where it leads.
pub(super) fn calls(code: &[u8], entry: StaticAddress) -> Vec<(StaticAddress, StaticAddress)> {
    let words = code.chunks_exact(4).map(|word| word.try_into().map_or(0, u32::from_le_bytes));
    let calls = words.enumerate().filter(|(_, word)| word & 0xfc00_0000 == 0x9400_0000);
    let resolved = calls.map(|(index, word)| {
        let at = entry.offset(index as u64 * 4);
        let distance = sign_extended(word & 0x3ff_ffff, 26) << 2;
        (at, StaticAddress(at.0.wrapping_add_signed(distance)))
    });
    resolved.collect()
}

/// One instruction; `known` holds the addresses that registers are known to have.
fn step(word: u32, pc: u64, known: &mut [Option<u64>; 32]) -> Step {
    let (target, base) = (register(word, 0), register(word, 5));
    let base_address = known.get(usize::from(base)).copied().flatten();
    let mut set = |register: u8, value: Option<u64>| {
        if let Some(slot) = known.get_mut(usize::from(register)).filter(|_| register != ZERO) {
            *slot = value;
        }
    };
    let reference = |offset: i64, access| match base_address {
        Some(base) => Step::Reference { target: StaticAddress(base.wrapping_add_signed(offset)), access },
        None => Step::Other,
    };
    if word & 0x9f00_0000 == 0x9000_0000 {
        // ADRP
        let pages = sign_extended((word >> 5 & 0x7_ffff) << 2 | word >> 29 & 3, 21);
        set(target, Some((pc & !0xfff).wrapping_add_signed(pages << 12)));
        return Step::Other;
    }
    if word & 0xff80_0000 == 0x9100_0000 {
        // ADD (immediate, 64-bit)
        let offset = i64::from(word >> 10 & 0xfff) << (12 * (word >> 22 & 1));
        set(target, base_address.map(|base| base.wrapping_add_signed(offset)));
        return reference(offset, Access::Address);
    }
    if word & 0x3b00_0000 == 0x3900_0000 {
        // LDR, STR (unsigned offset): scaled by the access size
        let vector = word >> 26 & 1 == 1;
        let scale = if vector && word >> 23 & 1 == 1 { 4 } else { word >> 30 };
        let offset = i64::from(word >> 10 & 0xfff) << scale;
        let load = word >> 22 & 3 != 0;
        if !load {
            return match reference(offset, Access::Other) {
                Step::Other if !vector => Step::Store { offset, from: target },
                found => found,
            };
        }
        if !vector {
            set(target, None);
        }
        return reference(offset, if vector { Access::Other } else { Access::Load(target) });
    }
    if word & 0x3a00_0000 == 0x2800_0000 {
        // LDP, STP
        let scale = if word >> 26 & 1 == 1 { 2 + (word >> 30) } else { 2 + (word >> 31) };
        let offset = sign_extended(word >> 15 & 0x7f, 7) << scale;
        let load = word >> 22 & 1 == 1;
        if load && word >> 26 & 1 == 0 {
            set(target, None);
            set(register(word, 10), None);
        }
        return reference(offset, if load { Access::Load(target) } else { Access::Other });
    }
    if word & 0x3f00_0000 == 0x0800_0000 || word & 0x3b20_0c00 == 0x3820_0000 {
        // LDAR, STLR, exclusives; atomic operations: no offset
        let load = word >> 22 & 1 == 1;
        if load {
            set(target, None);
        }
        return reference(0, if load { Access::Load(target) } else { Access::Other });
    }
    let branch = word & 0x7c00_0000 == 0x3400_0000 // CBZ, CBNZ, TBZ, TBNZ
        || word & 0x7c00_0000 == 0x1400_0000 // B, BL
        || word & 0xfe00_0000 == 0x5400_0000; // B.cond
    if !branch {
        set(target, None);
    }
    Step::Other
}

fn register(word: u32, shift: u32) -> u8 {
    (word >> shift & 31).to_le_bytes()[0]
}

fn sign_extended(value: u32, bits: u32) -> i64 {
    let unused = 64 - bits;
    (i64::from(value) << unused) >> unused
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(words: &[u32], expected: &[Step]) {
        let code: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        assert_eq!(steps(&code, StaticAddress(0x1_2000)), expected);
    }

    fn reference(target: u64, access: Access) -> Step {
        Step::Reference { target: StaticAddress(target), access }
    }

    #[test]
    fn a_page_and_a_load() {
        // adrp x27, next page; ldr x0, [x27, #0x88]; str x0, [x1, #0x160]
        check(
            &[0xb000_001b, 0xf940_4760, 0xf900_b020],
            &[Step::Other, reference(0x1_3088, Access::Load(0)), Step::Store { offset: 0x160, from: 0 }],
        );
    }

    #[test]
    fn a_page_an_addition_and_an_atomic() {
        // adrp x0, next page; add x0, x0, #0x40; ldar x1, [x0]
        check(
            &[0xb000_0000, 0x9101_0000, 0xc8df_fc01],
            &[Step::Other, reference(0x1_3040, Access::Address), reference(0x1_3040, Access::Load(1))],
        );
    }

    #[test]
    fn a_pair() {
        // adrp x27; add x27, x27, #0x40; ldp x0, x1, [x27]
        check(
            &[0xb000_001b, 0x9101_037b, 0xa940_0760],
            &[Step::Other, reference(0x1_3040, Access::Address), reference(0x1_3040, Access::Load(0))],
        );
    }

    #[test]
    fn an_overwritten_register_is_forgotten() {
        // adrp x0; mov x0, x1 (orr x0, xzr, x1); ldr x2, [x0]
        check(&[0xb000_0000, 0xaa01_03e0, 0xf940_0002], &[Step::Other, Step::Other, Step::Other]);
    }

    #[test]
    fn calls_lead_from_where_they_are() {
        // nop; bl +8; bl -8
        let words = [0xd503_201f_u32, 0x9400_0002, 0x97ff_fffe];
        let code: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        let at = |at: u64, to: u64| (StaticAddress(at), StaticAddress(to));
        assert_eq!(calls(&code, StaticAddress(0x1000)), [at(0x1004, 0x100c), at(0x1008, 0x1000)]);
    }
}
