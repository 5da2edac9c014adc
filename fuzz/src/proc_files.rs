//! Files of /proc: the kernel writes them, but names of processes and mounts in them are anybody's.

use linux_process::{
    container_of, parse_cgroups, parse_maps, parse_mounts, parse_stat, parse_status, parse_thread_activity,
};

/// The first byte chooses the file.
pub fn check(bytes: &[u8]) {
    let Some((which, text)) = bytes.split_first() else { return };
    match which % 6 {
        0 => {
            if let Ok(mappings) = parse_maps(text) {
                assert!(mappings.len() <= text.len());
            }
        }
        1 => _ = parse_stat(text),
        2 => _ = parse_status(text),
        3 => {
            let cgroups = parse_cgroups(text);
            assert!(cgroups.len() <= text.len());
            _ = container_of(&cgroups);
        }
        4 => assert!(parse_mounts(text).len() <= text.len()),
        _ => _ = parse_thread_activity(text),
    }
}
