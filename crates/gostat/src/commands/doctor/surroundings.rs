//! Kernel, user, visible processes, control groups, container: where gostat finds itself.

use linux_process::{Capability, OwnContainer, UserNames};

use super::facts::Facts;
use super::{Ability, Examination};

/// process_vm_readv came with Linux 3.2; perf samples with user registers and stack with 3.7.
const OLDEST_KERNEL: (u32, u32) = (3, 2);

pub(super) fn kernel(facts: &Facts) -> Examination {
    let architecture = std::env::consts::ARCH;
    let (ability, finding, hint) = match facts.kernel_release.as_deref() {
        None => {
            (Ability::Limited, format!("release unknown, {architecture}"), Some("is /proc mounted?".into()))
        }
        Some(release) if version(release).is_some_and(|version| version < OLDEST_KERNEL) => (
            Ability::None,
            format!("Linux {release}, {architecture}"),
            Some("needs Linux 3.2 or later".into()),
        ),
        Some(release) => (Ability::Full, format!("Linux {release}, {architecture}"), None),
    };
    Examination { name: "kernel", title: "kernel", ability, finding, hint }
}

fn version(release: &str) -> Option<(u32, u32)> {
    let mut numbers =
        release.split(|character: char| !character.is_ascii_digit()).map(|part| part.parse().ok());
    Some((numbers.next()??, numbers.next()??))
}

pub(super) fn user(facts: &Facts) -> Examination {
    let (ability, finding, hint) = match &facts.user {
        None => (
            Ability::Limited,
            "/proc does not show us".into(),
            Some("is /proc that of our pid namespace?".into()),
        ),
        Some(user) => {
            let wanted = [Capability::SysPtrace, Capability::Perfmon, Capability::Bpf, Capability::SysAdmin];
            let held: Vec<&str> = wanted
                .iter()
                .filter(|&&c| user.capabilities.has(c))
                .map(|capability| capability.name())
                .collect();
            let name =
                UserNames::default().name(user.uid).map_or_else(|| "no name".to_owned(), str::to_owned);
            let held_text =
                if held.is_empty() { "none of the capabilities that help".into() } else { held.join(" ") };
            let namespaced = user.in_initial_user_namespace == Some(false);
            let place = if namespaced { ", in a user namespace" } else { "" };
            let finding = format!("uid {} ({name}){place}: {held_text}", user.uid);
            match (held.first() == Some(&"CAP_SYS_PTRACE"), namespaced) {
                (true, false) => (Ability::Full, finding, None),
                (true, true) => {
                    let hint = "capabilities hold for processes of this user namespace only";
                    (Ability::Limited, finding, Some(hint.into()))
                }
                (false, _) => (Ability::Limited, finding, Some("run as root or with CAP_SYS_PTRACE".into())),
            }
        }
    };
    Examination { name: "user", title: "user", ability, finding, hint }
}

/// Whether `/proc` shows the processes of others.
pub(super) fn processes(facts: &Facts) -> Examination {
    let proc =
        facts.mounts.iter().rfind(|mount| mount.file_system == "proc" && mount.point.as_os_str() == "/proc");
    // Kernels from 5.8 write the words, older ones the numbers.
    let hidden =
        proc.and_then(|mount| mount.option("hidepid")).filter(|level| !matches!(*level, "0" | "off"));
    let capable = facts.user.as_ref().is_some_and(|user| user.capabilities.has(Capability::SysPtrace));
    let (ability, finding, hint) = match (proc, hidden) {
        (None, _) => (
            Ability::Limited,
            "no proc file system is mounted at /proc".to_owned(),
            Some("mount -t proc proc /proc".into()),
        ),
        (Some(_), None) => (Ability::Full, "/proc shows all processes of its pid namespace".into(), None),
        // To those who may trace everybody nothing is hidden, except with `ptraceable`, which asks for just that.
        (Some(_), Some(level)) if capable => (
            Ability::Full,
            format!("/proc is mounted with hidepid={level}, which CAP_SYS_PTRACE overrides"),
            None,
        ),
        (Some(_), Some(level)) => (
            Ability::Limited,
            format!("/proc is mounted with hidepid={level}: other users' processes are hidden"),
            Some(
                "run as root, with CAP_SYS_PTRACE, or as a member of the group in the mount option gid"
                    .into(),
            ),
        ),
    };
    Examination { name: "proc", title: "seeing processes", ability, finding, hint }
}

pub(super) fn cgroups(facts: &Facts) -> Examination {
    let count = |kind: &str| facts.mounts.iter().filter(|mount| mount.file_system == kind).count();
    let (first, second, readable) = (count("cgroup"), count("cgroup2"), facts.readable_cgroup_mounts);
    let finding = match (first, second) {
        (0, 0) => "no hierarchy is mounted".to_owned(),
        (0, _) => format!("version 2, {readable} of {second} readable"),
        (_, 0) => format!("version 1, {readable} of {first} hierarchies readable"),
        _ => format!("versions 1 and 2, {readable} of {} hierarchies readable", first + second),
    };
    let (ability, hint) = match (first + second, readable) {
        (0, _) => {
            (Ability::None, Some("container ids are still found; mount cgroup2 at /sys/fs/cgroup for limits"))
        }
        (mounted, readable) if mounted == readable => (Ability::Full, None),
        _ => (Ability::Limited, Some("some hierarchies are not ours to read: run as root")),
    };
    let hint = hint.map(str::to_owned);
    Examination { name: "cgroup", title: "control groups", ability, finding, hint }
}

pub(super) fn container(facts: &Facts) -> Examination {
    let place = match &facts.container {
        OwnContainer::None => "no sign of a container".to_owned(),
        OwnContainer::Unnamed => "in a container".to_owned(),
        OwnContainer::Known(container) => {
            format!("in container {} ({})", container.short_id(), container.runtime)
        }
    };
    let (ability, view, hint) = match facts.in_initial_pid_namespace {
        Some(true) => (Ability::Full, "all processes of the machine are in view", None),
        Some(false) => (
            Ability::Limited,
            "only processes of our own pid namespace are in view",
            Some("to see the machine: docker run --pid=host, or hostPID: true in Kubernetes"),
        ),
        None => (Ability::Limited, "our pid namespace is not known", Some("is /proc mounted?")),
    };
    let hint = hint.map(str::to_owned);
    Examination { name: "container", title: "container", ability, finding: format!("{place}; {view}"), hint }
}

#[cfg(test)]
mod tests {
    use super::super::facts::OurUser;
    use super::*;
    use linux_process::{Capabilities, parse_mounts};

    fn facts() -> Facts {
        let mut facts = Facts::gather();
        facts.user = Some(OurUser {
            uid: 0,
            capabilities: Capabilities(1 << 19),
            seccomp_filter: false,
            in_initial_user_namespace: Some(true),
        });
        facts
    }

    #[test]
    fn kernel_releases() {
        assert_eq!(version("6.18.44-fc-v657"), Some((6, 18)));
        assert_eq!(version("3.1"), Some((3, 1)));
        assert_eq!(version("linux"), None);
        let mut facts = facts();
        for (release, ability) in
            [("6.1.0", Ability::Full), ("2.6.32", Ability::None), ("odd", Ability::Full)]
        {
            facts.kernel_release = Some(release.into());
            assert_eq!(kernel(&facts).ability, ability, "{release}");
        }
    }

    #[test]
    fn users() {
        let mut facts = facts();
        assert_eq!(user(&facts).ability, Ability::Full);
        assert!(user(&facts).finding.starts_with("uid 0 (root): CAP_SYS_PTRACE"));
        let ours = facts.user.as_mut().unwrap();
        ours.in_initial_user_namespace = Some(false);
        assert_eq!(user(&facts).ability, Ability::Limited);
        facts.user.as_mut().unwrap().capabilities = Capabilities(0);
        assert!(user(&facts).hint.unwrap().contains("CAP_SYS_PTRACE"));
    }

    #[test]
    fn hidden_processes() {
        let mut facts = facts();
        let mount =
            |options: &str| parse_mounts(format!("1 1 0:1 / /proc rw - proc proc rw{options}").as_bytes());
        for (options, capable, ability) in [
            ("", false, Ability::Full),
            (",hidepid=off", false, Ability::Full),
            (",hidepid=2", false, Ability::Limited),
            (",hidepid=invisible", true, Ability::Full),
        ] {
            facts.mounts = mount(options);
            facts.user.as_mut().unwrap().capabilities = Capabilities(if capable { 1 << 19 } else { 0 });
            assert_eq!(processes(&facts).ability, ability, "{options}");
        }
        facts.mounts.clear();
        assert_eq!(processes(&facts).ability, Ability::Limited);
    }

    #[test]
    fn control_groups() {
        let mut facts = facts();
        facts.mounts =
            parse_mounts(b"1 1 0:1 / /a rw - cgroup2 cgroup2 rw\n1 1 0:1 / /b rw - cgroup c rw,cpu");
        facts.readable_cgroup_mounts = 2;
        assert_eq!(cgroups(&facts).finding, "versions 1 and 2, 2 of 2 hierarchies readable");
        assert_eq!(cgroups(&facts).ability, Ability::Full);
        facts.readable_cgroup_mounts = 1;
        assert_eq!(cgroups(&facts).ability, Ability::Limited);
        facts.mounts.clear();
        assert_eq!(cgroups(&facts).ability, Ability::None);
    }

    #[test]
    fn in_and_out_of_containers() {
        let mut facts = facts();
        facts.container = OwnContainer::Unnamed;
        facts.in_initial_pid_namespace = Some(false);
        let examination = container(&facts);
        assert_eq!(examination.ability, Ability::Limited);
        assert!(examination.hint.unwrap().contains("hostPID"));
        facts.in_initial_pid_namespace = Some(true);
        assert_eq!(container(&facts).ability, Ability::Full);
    }
}
