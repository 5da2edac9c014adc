//! `runtime.moduledata`, as each release has it.

use std::sync::OnceLock;

use go_binary::ModuleData;
use go_binary::layout::{Architecture, Layouts, Release, table};

/// The fields behind the common part have moved between these.
const MINORS: [u16; 9] = [19, 20, 21, 22, 23, 24, 25, 26, 27];

/// The first byte chooses the release; the rest is the structure.
pub fn check(bytes: &[u8]) {
    let Some((which, bytes)) = bytes.split_first() else { return };
    let layouts = &layouts()[usize::from(*which) % MINORS.len()];
    let Some(module) = ModuleData::decode(bytes, layouts) else { return };
    assert!(module.has_code(module.text) && !module.has_code(module.text_end));
    for (kind, start, end) in module.ranges {
        assert!(start <= end, "{kind:?}");
        assert!(start == end || module.data_range(start).is_some(), "{kind:?}");
    }
}

fn layouts() -> &'static [Layouts] {
    static LAYOUTS: OnceLock<Vec<Layouts>> = OnceLock::new();
    LAYOUTS.get_or_init(|| {
        let newest = MINORS.map(|minor| Release { minor, patch: Some(u16::MAX) });
        let found = newest.map(|release| table::nearest(release, Architecture::Amd64));
        found.into_iter().map(|found| found.expect("the table has every minor release").layouts).collect()
    })
}
