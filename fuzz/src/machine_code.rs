//! Machine code: functions of the runtime in which references to its variables are looked for.

use go_binary::StaticAddress;
use go_binary::code::steps;
use snapshot::Architecture;

/// The first byte chooses the architecture; the rest is the code of a function.
pub fn check(bytes: &[u8]) {
    let Some((which, code)) = bytes.split_first() else { return };
    let (architecture, shortest) =
        if which % 2 == 0 { (Architecture::Amd64, 1) } else { (Architecture::Arm64, 4) };
    // Near the end of the address space, offsets from the instruction wrap around.
    let entry = StaticAddress(if which & 2 == 0 { 0x40_1000 } else { 0xffff_ffff_ffff_f000 });
    let found = steps(architecture, code, entry);
    assert!(found.len() <= code.len().div_ceil(shortest), "{} steps in {} bytes", found.len(), code.len());
    assert_eq!(found, steps(architecture, code, entry), "the same code says the same");
}
