//! Executables: damage to a small one, or any bytes behind the ELF magic number.

use std::sync::OnceLock;

use go_binary::layout::dwarf;
use go_binary::{BuildInfo, Executable, Pclntab, StaticAddress, StaticMemory};
use synthetic_process::layout;

use crate::busy_process::busy;
use synthetic_process::Damages;

/// Everything that is asked of a file before a process is looked at.
pub fn check(bytes: &[u8]) {
    let file = if bytes.starts_with(b"\x7fELF") {
        bytes.to_vec()
    } else {
        let mut file = small_executable().to_vec();
        let mut damages = Damages::new(bytes);
        while let Some(damage) = damages.next_damage() {
            damage.apply_to(&mut file);
        }
        file
    };
    _ = dwarf::from_executable(&file);
    let len = file.len() as u64;
    let Ok(executable) = Executable::parse(Box::new(file)) else { return };
    assert_eq!(executable.file_len(), len);
    _ = executable.symbols(["runtime.allgs", "runtime.sched"]);
    _ = executable.read_static_vec(StaticAddress(0x40_1000), 64);
    _ = BuildInfo::of(&executable).map(|info| info.release());
    if let Ok(table) = Pclntab::find(&executable) {
        assert!(matches!(table.quantum, 1 | 2 | 4));
    }
}

fn small_executable() -> &'static [u8] {
    static EXECUTABLE: OnceLock<Vec<u8>> = OnceLock::new();
    EXECUTABLE.get_or_init(|| busy(&layout::GO_1_27, 0).process.executable)
}
