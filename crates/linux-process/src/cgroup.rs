//! `/proc/PID/cgroup`: which control groups a process is in.

use crate::parse::{decimal, split_once};

/// A process's place in one hierarchy of control groups: one line of `/proc/PID/cgroup`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cgroup {
    /// Number of the hierarchy; 0 is the unified one (version 2).
    pub hierarchy: u32,
    /// Controllers of a version 1 hierarchy (`memory`, `cpu`, `name=systemd`); empty for version 2.
    pub controllers: Vec<String>,
    /// Path from the root of our cgroup namespace; begins with `/../` when it is outside.
    pub path: String,
}

/// Longest `/proc/PID/cgroup` that is read: paths are at most 4 KiB, hierarchies about a dozen.
pub(crate) const CGROUP_LIMIT_BYTES: usize = 128 << 10;

/// Parses `/proc/PID/cgroup`. Lines that are not of the form `hierarchy:controllers:path` are left out:
/// a group that is not understood must not hide the process.
pub fn parse_cgroups(text: &[u8]) -> Vec<Cgroup> {
    text.split(|&byte| byte == b'\n').filter_map(parse_line).collect()
}

fn parse_line(line: &[u8]) -> Option<Cgroup> {
    let (hierarchy, rest) = split_once(line, b':')?;
    // Group names may contain colons: only the first two separate.
    let (controllers, path) = split_once(rest, b':')?;
    path.starts_with(b"/").then_some(())?;
    Some(Cgroup {
        hierarchy: decimal(hierarchy)?,
        controllers: controllers
            .split(|&byte| byte == b',')
            .filter(|name| !name.is_empty())
            .map(|name| String::from_utf8_lossy(name).into_owned())
            .collect(),
        path: String::from_utf8_lossy(path).into_owned(),
    })
}

/// The one path to show for a process: that of version 2 unless it is the root, else the first of version
/// 1 that says more than the root.
pub fn principal_path(cgroups: &[Cgroup]) -> Option<&str> {
    let unified = cgroups.iter().filter(|group| group.hierarchy == 0);
    let others = cgroups.iter().filter(|group| group.hierarchy != 0);
    unified
        .chain(others)
        .map(|group| group.path.as_str())
        .find(|&path| path != "/")
        .or_else(|| cgroups.first().map(|group| group.path.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_one_two_and_names_with_colons() {
        let groups = parse_cgroups(b"12:cpu,cpuacct:/a:b\n1:name=systemd:/init.scope\n0::/user.slice\n");
        assert_eq!(groups.len(), 3);
        assert_eq!(groups[0].controllers, ["cpu", "cpuacct"]);
        assert_eq!(groups[0].path, "/a:b");
        assert_eq!(groups[2], Cgroup { hierarchy: 0, controllers: vec![], path: "/user.slice".into() });
        assert_eq!(principal_path(&groups), Some("/user.slice"));
    }

    #[test]
    fn hybrid_where_version_two_is_unused() {
        let groups = parse_cgroups(b"4:memory:/docker/abc\n1:cpu:/\n0::/\n");
        assert_eq!(principal_path(&groups), Some("/docker/abc"));
        assert_eq!(principal_path(&parse_cgroups(b"0::/\n")), Some("/"));
    }

    #[test]
    fn garbage_is_left_out() {
        assert_eq!(parse_cgroups(b"\n::\nx:y:/z\n5:cpu\n5:cpu:relative\n99999999999::/\n"), []);
        assert_eq!(principal_path(&[]), None);
    }
}
