//! What control groups say of the processes in them: throttling, limits, stalls. Versions 1 and 2.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::cgroup::Cgroup;
use crate::mounts::{Mount, parse_mounts};
use crate::parse::{decimal, fields};

/// Files of control groups are a few lines.
const FILE_BYTES_MAX: usize = 64 << 10;
/// Groups are nested 253 deep at most by default (`cgroup.max.depth`), and hardly ever ten.
const DEPTH_MAX: usize = 256;
/// Version 1 says "no limit" by a number of about 2^63.
const NO_LIMIT_BYTES: u64 = 1 << 62;

/// Figures of the control groups that a process is in. `None` where a controller is not there, or says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CgroupFigures {
    /// Periods in which the group with the tightest quota had something to run (`nr_periods`).
    pub cpu_periods: Option<u64>,
    /// Periods in which it was throttled (`nr_throttled`).
    pub cpu_throttled_periods: Option<u64>,
    /// Time for which its threads were throttled, microseconds (`throttled_usec`).
    pub cpu_throttled_us: Option<u64>,
    /// The tightest quota of the group and those around it, thousandths of a CPU. `None` if there is none.
    pub cpu_limit_millis: Option<u64>,
    /// Memory that its group uses, bytes, page cache included.
    pub memory_bytes: Option<u64>,
    /// The lowest limit of the group and those around it, bytes. `None` if there is none.
    pub memory_limit_bytes: Option<u64>,
    /// How often its memory was to grow beyond the limit of the group (version 2 counts the groups inside, too).
    pub memory_limit_hits: Option<u64>,
    /// Processes of it that the kernel killed for want of memory.
    pub memory_oom_kills: Option<u64>,
    /// Time for which tasks of its group were stalled (PSI, version 2), microseconds, by resource (`cpu`, `memory`, `io`)
    /// and share (`some`, `full`).
    pub stalled_us: BTreeMap<(&'static str, &'static str), u64>,
}

/// Where control groups are mounted.
#[derive(Debug, Clone, Default)]
pub struct CgroupMounts {
    unified: Option<PathBuf>,
    /// By controller.
    version_1: BTreeMap<String, PathBuf>,
}

impl CgroupMounts {
    /// Finds them by `self/mountinfo` of a `/proc`. None if that cannot be read.
    pub fn find(proc: &Path) -> Self {
        let text = fs::read(proc.join("self/mountinfo")).unwrap_or_default();
        Self::of(parse_mounts(&text))
    }

    fn of(mounts: Vec<Mount>) -> Self {
        let mut found = CgroupMounts::default();
        for mount in mounts {
            match mount.file_system.as_str() {
                "cgroup2" => found.unified = found.unified.or(Some(mount.point)),
                "cgroup" => {
                    let controllers = mount.options.into_iter().filter(|name| !name.contains('='));
                    found.version_1.extend(controllers.map(|name| (name, mount.point.clone())));
                }
                _ => {}
            }
        }
        found
    }

    /// The figures of a process in these groups.
    pub fn figures(&self, groups: &[Cgroup]) -> CgroupFigures {
        let mut figures = CgroupFigures::default();
        let of_unified = groups.iter().find(|group| group.hierarchy == 0);
        if let Some((mount, group)) = self.unified.as_deref().zip(of_unified) {
            version_2(mount, &group.path, &mut figures);
        }
        let place = |controller: &str| {
            let group = groups.iter().find(|group| group.controllers.iter().any(|name| name == controller));
            Some((self.version_1.get(controller)?.as_path(), group?.path.as_str()))
        };
        if let Some((mount, path)) = place("cpu") {
            cpu_1(mount, path, &mut figures);
        }
        if let Some((mount, path)) = place("memory") {
            memory_1(mount, path, &mut figures);
        }
        figures
    }
}

/// Directories of a group and of those around it, from the inside out. A group that is outside of what we see of the
/// hierarchy (`/../…`) has none.
fn from_inside_out<'p>(mount: &'p Path, path: &'p str) -> impl Iterator<Item = PathBuf> + 'p {
    let inside = !path.split('/').any(|part| part == "..");
    let below = Path::new(path.trim_start_matches('/'));
    below.ancestors().filter(move |_| inside).take(DEPTH_MAX).map(move |part| mount.join(part))
}

fn read(directory: &Path, name: &str) -> Option<Vec<u8>> {
    let text = fs::read(directory.join(name)).ok()?;
    (text.len() <= FILE_BYTES_MAX).then_some(text)
}

fn number(directory: &Path, name: &str) -> Option<u64> {
    decimal(read(directory, name)?.trim_ascii())
}

/// The number behind a name, in a file of lines with both.
fn entry(text: &[u8], name: &str) -> Option<u64> {
    let line = text.split(|byte| *byte == b'\n').find(|line| fields(line).next() == Some(name.as_bytes()))?;
    decimal(fields(line).nth(1)?)
}

/// Files of version 2: `Documentation/admin-guide/cgroup-v2.rst`.
fn version_2(mount: &Path, path: &str, figures: &mut CgroupFigures) {
    for directory in from_inside_out(mount, path) {
        // `max 100000` or `50000 100000`: quota and period, microseconds.
        if let Some(limit) = read(&directory, "cpu.max").and_then(|text| {
            let mut parts = fields(&text).map(decimal::<u64>);
            parts.next()??.saturating_mul(1000).checked_div(parts.next()??)
        }) && tighter(&mut figures.cpu_limit_millis, limit)
        {
            let stat = read(&directory, "cpu.stat").unwrap_or_default();
            figures.cpu_periods = entry(&stat, "nr_periods");
            figures.cpu_throttled_periods = entry(&stat, "nr_throttled");
            figures.cpu_throttled_us = entry(&stat, "throttled_usec");
        }
        if let Some(limit) = number(&directory, "memory.max") {
            tighter(&mut figures.memory_limit_bytes, limit);
        }
    }
    let Some(own) = from_inside_out(mount, path).next() else { return };
    figures.memory_bytes = number(&own, "memory.current");
    let events = read(&own, "memory.events").unwrap_or_default();
    figures.memory_limit_hits = entry(&events, "max");
    figures.memory_oom_kills = entry(&events, "oom_kill");
    for (resource, file) in [("cpu", "cpu.pressure"), ("memory", "memory.pressure"), ("io", "io.pressure")] {
        let text = read(&own, file).unwrap_or_default();
        for line in text.split(|byte| *byte == b'\n') {
            let total = fields(line).find_map(|field| decimal(field.strip_prefix(b"total=")?));
            let share = match fields(line).next() {
                Some(b"some") => "some",
                Some(b"full") => "full",
                _ => continue,
            };
            figures.stalled_us.extend(total.map(|total| ((resource, share), total)));
        }
    }
}

/// Files of version 1: `Documentation/scheduler/sched-bwc.rst`.
fn cpu_1(mount: &Path, path: &str, figures: &mut CgroupFigures) {
    for directory in from_inside_out(mount, path) {
        // A quota of -1 is none.
        let quota = number(&directory, "cpu.cfs_quota_us");
        let period = number(&directory, "cpu.cfs_period_us");
        let limit =
            quota.zip(period).and_then(|(quota, period)| quota.saturating_mul(1000).checked_div(period));
        if limit.is_some_and(|limit| tighter(&mut figures.cpu_limit_millis, limit)) {
            let stat = read(&directory, "cpu.stat").unwrap_or_default();
            figures.cpu_periods = entry(&stat, "nr_periods");
            figures.cpu_throttled_periods = entry(&stat, "nr_throttled");
            figures.cpu_throttled_us = entry(&stat, "throttled_time").map(|ns| ns / 1000);
        }
    }
}

/// Files of version 1: `Documentation/admin-guide/cgroup-v1/memory.rst`.
fn memory_1(mount: &Path, path: &str, figures: &mut CgroupFigures) {
    for directory in from_inside_out(mount, path) {
        let limit = number(&directory, "memory.limit_in_bytes");
        if let Some(limit) = limit.filter(|limit| *limit < NO_LIMIT_BYTES) {
            tighter(&mut figures.memory_limit_bytes, limit);
        }
    }
    let Some(own) = from_inside_out(mount, path).next() else { return };
    figures.memory_bytes = number(&own, "memory.usage_in_bytes");
    figures.memory_limit_hits = number(&own, "memory.failcnt");
    // Kernels before 4.13 do not count them.
    figures.memory_oom_kills = entry(&read(&own, "memory.oom_control").unwrap_or_default(), "oom_kill");
}

/// Whether a limit is lower than the one that is known; it is taken then.
fn tighter(known: &mut Option<u64>, limit: u64) -> bool {
    let is_tighter = known.is_none_or(|known| limit < known);
    if is_tighter {
        *known = Some(limit);
    }
    is_tighter
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cgroup::parse_cgroups;

    fn files(root: &Path, files: &[(&str, &str)]) {
        for (name, text) in files {
            let path = root.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }

    fn figures(root: &Path, mountinfo: &str, cgroup: &str) -> CgroupFigures {
        let mountinfo = mountinfo.replace("ROOT", root.to_str().unwrap());
        CgroupMounts::of(parse_mounts(mountinfo.as_bytes())).figures(&parse_cgroups(cgroup.as_bytes()))
    }

    const UNIFIED: &str = "30 24 0:26 / ROOT rw - cgroup2 cgroup2 rw,nsdelegate\n";

    #[test]
    fn of_version_2_the_tightest_limit_on_the_way_up_counts() {
        let root = tempfile::tempdir().unwrap();
        files(
            root.path(),
            &[
                ("pod/cpu.max", "150000 100000\n"),
                ("pod/cpu.stat", "usage_usec 9\nnr_periods 40\nnr_throttled 7\nthrottled_usec 1234567\n"),
                ("pod/memory.max", "1073741824\n"),
                ("pod/app/cpu.max", "max 100000\n"),
                ("pod/app/cpu.stat", "usage_usec 9\nnr_periods 0\nnr_throttled 0\nthrottled_usec 0\n"),
                ("pod/app/memory.max", "max\n"),
                ("pod/app/memory.current", "4096\n"),
                ("pod/app/memory.events", "low 0\nhigh 0\nmax 12\noom 3\noom_kill 2\noom_group_kill 0\n"),
                (
                    "pod/app/cpu.pressure",
                    "some avg10=0.00 avg60=0.00 avg300=0.00 total=55\nfull avg10=0.00 total=5\n",
                ),
                ("pod/app/memory.pressure", "some avg10=0.00 total=7\n"),
            ],
        );
        let found = figures(root.path(), UNIFIED, "0::/pod/app\n");
        assert_eq!((found.cpu_limit_millis, found.cpu_periods), (Some(1500), Some(40)));
        assert_eq!((found.cpu_throttled_periods, found.cpu_throttled_us), (Some(7), Some(1_234_567)));
        assert_eq!((found.memory_bytes, found.memory_limit_bytes), (Some(4096), Some(1 << 30)));
        assert_eq!((found.memory_limit_hits, found.memory_oom_kills), (Some(12), Some(2)));
        let stalled: Vec<_> = found.stalled_us.into_iter().collect();
        assert_eq!(stalled, [(("cpu", "full"), 5), (("cpu", "some"), 55), (("memory", "some"), 7)]);
    }

    #[test]
    fn version_1_has_other_names_and_units_and_no_limit_is_a_number() {
        let root = tempfile::tempdir().unwrap();
        files(
            root.path(),
            &[
                ("cpu/app/cpu.cfs_quota_us", "50000\n"),
                ("cpu/app/cpu.cfs_period_us", "100000\n"),
                ("cpu/app/cpu.stat", "nr_periods 3\nnr_throttled 2\nthrottled_time 5000000\n"),
                ("cpu/cpu.cfs_quota_us", "-1\n"),
                ("cpu/cpu.cfs_period_us", "100000\n"),
                ("memory/app/memory.limit_in_bytes", "9223372036854771712\n"),
                ("memory/app/memory.usage_in_bytes", "8192\n"),
                ("memory/app/memory.failcnt", "6\n"),
                ("memory/app/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 1\n"),
                ("memory/memory.limit_in_bytes", "65536\n"),
            ],
        );
        let mounts = "31 24 0:27 / ROOT/cpu rw - cgroup cgroup rw,cpu,cpuacct\n\
            32 24 0:28 / ROOT/memory rw - cgroup cgroup rw,memory\n";
        let found = figures(root.path(), mounts, "2:cpu,cpuacct:/app\n1:memory:/app\n");
        assert_eq!((found.cpu_limit_millis, found.cpu_throttled_us), (Some(500), Some(5000)));
        assert_eq!((found.memory_bytes, found.memory_limit_bytes), (Some(8192), Some(65536)));
        assert_eq!((found.memory_limit_hits, found.memory_oom_kills), (Some(6), Some(1)));
    }

    #[test]
    fn what_is_not_there_or_out_of_sight_is_not_known() {
        let root = tempfile::tempdir().unwrap();
        files(root.path(), &[("cpu.max", "garbage"), ("memory.current", "1"), ("app/cpu.max", "1 0\n")]);
        assert_eq!(figures(root.path(), UNIFIED, "0::/../other\n"), CgroupFigures::default());
        assert_eq!(figures(root.path(), UNIFIED, "0::/app\n"), CgroupFigures::default());
        assert_eq!(figures(root.path(), "", "0::/app\n"), CgroupFigures::default());
    }

    #[test]
    fn of_ourselves_what_the_kernel_says_is_read() {
        let proc = Path::new("/proc");
        let ours = parse_cgroups(&fs::read("/proc/self/cgroup").unwrap());
        let mounts = CgroupMounts::find(proc);
        let found = mounts.figures(&ours);
        let has_memory = mounts.version_1.contains_key("memory")
            || mounts.unified.as_ref().is_some_and(|root| {
                fs::read_to_string(root.join("cgroup.controllers"))
                    .is_ok_and(|names| names.contains("memory"))
            });
        if !has_memory || found.memory_bytes.is_none() {
            eprintln!("SKIPPED: no memory controller can be seen here");
            return;
        }
        assert!(found.memory_bytes > Some(0), "{found:?}");
    }
}
