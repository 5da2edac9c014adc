//! Which container a process is in, read off the names of its control groups.

use std::fmt;

use crate::cgroup::Cgroup;

/// A container.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Container {
    /// Its id as the runtime shows it: 64 hexadecimal digits, or a name for LXC and systemd-nspawn.
    pub id: String,
    /// Who made it.
    pub runtime: ContainerRuntime,
    /// Uid of the Kubernetes pod that it belongs to.
    pub pod_uid: Option<String>,
}

impl Container {
    /// The id as tools print it in tables: the first twelve digits of a long one.
    pub fn short_id(&self) -> &str {
        if is_hex_id(self.id.as_bytes()) { self.id.get(..12).unwrap_or(&self.id) } else { &self.id }
    }
}

/// Programs that make containers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ContainerRuntime {
    /// Docker.
    Docker,
    /// containerd, on its own or under Kubernetes.
    Containerd,
    /// CRI-O.
    CriO,
    /// Podman and others that use libpod.
    Podman,
    /// LXC, LXD, Incus.
    Lxc,
    /// systemd-nspawn or a virtual machine registered with systemd-machined.
    Machine,
    /// The name of the group does not say.
    Unknown,
}

impl ContainerRuntime {
    /// A short name for outputs.
    pub fn name(self) -> &'static str {
        match self {
            ContainerRuntime::Docker => "docker",
            ContainerRuntime::Containerd => "containerd",
            ContainerRuntime::CriO => "cri-o",
            ContainerRuntime::Podman => "podman",
            ContainerRuntime::Lxc => "lxc",
            ContainerRuntime::Machine => "machine",
            ContainerRuntime::Unknown => "unknown",
        }
    }
}

impl fmt::Display for ContainerRuntime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The container that these control groups belong to, the innermost if they are nested.
pub fn container_of(cgroups: &[Cgroup]) -> Option<Container> {
    cgroups.iter().find_map(|group| in_path(&group.path))
}

fn in_path(path: &str) -> Option<Container> {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    // From the inside out: a container may have groups of its own below, and containers of its own.
    (0..parts.len()).rev().find_map(|index| {
        let parents = parts.get(..index).unwrap_or_default();
        let (id, runtime) = in_part(parts.get(index)?, parents)?;
        let pod_uid = parents.iter().rev().find_map(|part| pod_uid(part));
        Some(Container { id: id.to_owned(), runtime, pod_uid })
    })
}

fn in_part<'a>(part: &'a str, parents: &[&str]) -> Option<(&'a str, ContainerRuntime)> {
    let name = part.strip_suffix(".scope").unwrap_or(part);
    if is_hex_id(name.as_bytes()) || (parents.contains(&"ecs") && is_fargate_id(name)) {
        return Some((name, by_parents(parents)));
    }
    // `cri-containerd-ID.scope` under systemd, `…slice:cri-containerd:ID` where runc was given a systemd
    // name but wrote it as a plain group.
    if let Some((prefix, id)) = name.rsplit_once(['-', ':'])
        && is_hex_id(id.as_bytes())
    {
        return by_prefix(prefix.rsplit(':').next().unwrap_or(prefix)).map(|runtime| (id, runtime));
    }
    if let Some(name) = name.strip_prefix("lxc.payload.") {
        return Some((name, ContainerRuntime::Lxc));
    }
    if let Some(&"lxc" | &"lxc.payload") = parents.last() {
        return Some((name, ContainerRuntime::Lxc));
    }
    let machine = name.strip_prefix("machine-").filter(|_| part.ends_with(".scope"))?;
    Some((machine, ContainerRuntime::Machine))
}

/// Who names the scopes of its containers so; `None` for scopes that hold the container's monitor.
fn by_prefix(prefix: &str) -> Option<ContainerRuntime> {
    match prefix {
        _ if prefix.ends_with("conmon") => None,
        "docker" => Some(ContainerRuntime::Docker),
        "cri-containerd" | "containerd" | "nerdctl" => Some(ContainerRuntime::Containerd),
        "crio" => Some(ContainerRuntime::CriO),
        "libpod" | "libpod-payload" => Some(ContainerRuntime::Podman),
        _ => Some(ContainerRuntime::Unknown),
    }
}

/// Who makes groups that are named by the bare id, judging by the groups around them.
fn by_parents(parents: &[&str]) -> ContainerRuntime {
    match parents.last() {
        Some(&"docker") => ContainerRuntime::Docker,
        Some(&"libpod_parent") => ContainerRuntime::Podman,
        Some(&("default" | "moby" | "k8s.io")) => ContainerRuntime::Containerd,
        _ => ContainerRuntime::Unknown,
    }
}

/// `podUID` and `kubepods-burstable-podUID.slice`, where systemd wants `_` for `-`.
fn pod_uid(part: &str) -> Option<String> {
    let name = part.strip_suffix(".slice").unwrap_or(part);
    let uid = match name.strip_prefix("pod") {
        Some(uid) => uid,
        None => name.strip_prefix("kubepods-")?.rsplit_once("pod")?.1,
    };
    let uid = uid.replace('_', "-");
    let is_uid = uid.len() >= 32 && uid.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    is_uid.then_some(uid)
}

fn is_hex_id(text: &[u8]) -> bool {
    text.len() == 64 && text.iter().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte))
}

/// Tasks of Amazon ECS on Fargate: 32 hexadecimal digits and a number.
fn is_fargate_id(text: &str) -> bool {
    text.split_once('-').is_some_and(|(task, number)| {
        task.len() == 32
            && task.bytes().all(|byte| byte.is_ascii_hexdigit())
            && !number.is_empty()
            && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cgroup::parse_cgroups;

    const ID: &str = "1f2e3d4c5b6a79880123456789abcdef0123456789abcdef0123456789abcdef";
    const POD: &str = "0d1c2b3a-4d5e-6f70-8192-a3b4c5d6e7f8";

    /// `ID` and `POD` in `path` stand for the ones above.
    fn check(path: &str, expected: Option<(&str, ContainerRuntime, Option<&str>)>) {
        let path = path.replace("ID", ID).replace("POD_", &POD.replace('-', "_")).replace("POD", POD);
        let found = container_of(&parse_cgroups(format!("0::{path}\n").as_bytes()));
        let found = found.as_ref().map(|c| (c.id.as_str(), c.runtime, c.pod_uid.as_deref()));
        assert_eq!(found, expected, "{path}");
    }

    #[test]
    fn docker() {
        check("/docker/ID", Some((ID, ContainerRuntime::Docker, None)));
        check("/system.slice/docker-ID.scope", Some((ID, ContainerRuntime::Docker, None)));
        check("/docker/ID/system.slice/ssh.service", Some((ID, ContainerRuntime::Docker, None)));
        check("/../../system.slice/docker-ID.scope", Some((ID, ContainerRuntime::Docker, None)));
    }

    #[test]
    fn kubernetes() {
        let containerd = Some((ID, ContainerRuntime::Containerd, Some(POD)));
        check(
            "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podPOD_.slice/cri-containerd-ID.scope",
            containerd,
        );
        check("/kubepods.slice/kubepods-podPOD_.slice/cri-containerd-ID.scope", containerd);
        check("/kubepods/besteffort/podPOD/ID", Some((ID, ContainerRuntime::Unknown, Some(POD))));
        check(
            "/kubepods.slice/kubepods-podPOD_.slice/crio-ID.scope/container",
            Some((ID, ContainerRuntime::CriO, Some(POD))),
        );
        check(
            "/system.slice/containerd.service/kubepods-burstable-podPOD_.slice:cri-containerd:ID",
            Some((ID, ContainerRuntime::Containerd, None)),
        );
    }

    #[test]
    fn podman_and_its_monitor() {
        let path = "/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-ID.scope/container";
        check(path, Some((ID, ContainerRuntime::Podman, None)));
        check("/libpod_parent/libpod-ID", Some((ID, ContainerRuntime::Podman, None)));
        check("/machine.slice/libpod-conmon-ID.scope", None);
        check("/system.slice/crio-conmon-ID.scope", None);
    }

    #[test]
    fn others() {
        check("/lxc/web1", Some(("web1", ContainerRuntime::Lxc, None)));
        check("/lxc.payload.web1/init.scope", Some(("web1", ContainerRuntime::Lxc, None)));
        check("/machine.slice/machine-deb.scope", Some(("deb", ContainerRuntime::Machine, None)));
        let task = "0123456789abcdef0123456789abcdef-1234567890";
        check(&format!("/ecs/x/{task}"), Some((task, ContainerRuntime::Unknown, None)));
        check("/other-ID.scope", Some((ID, ContainerRuntime::Unknown, None)));
    }

    #[test]
    fn not_in_a_container() {
        for path in
            ["/", "/init.scope", "/user.slice/session-3.scope", "/system.slice/docker.service", "/podman"]
        {
            check(path, None);
        }
        // 63 and 65 digits are no id, nor are capitals.
        check(&format!("/docker/{}", &ID[1..]), None);
        check(&format!("/docker/{ID}0"), None);
        check(&format!("/docker/{}", ID.to_uppercase()), None);
    }

    #[test]
    fn short_ids() {
        let id = container_of(&parse_cgroups(format!("5:memory:/docker/{ID}").as_bytes())).unwrap();
        assert_eq!(id.short_id(), "1f2e3d4c5b6a");
        assert_eq!(
            container_of(&parse_cgroups(b"0::/lxc/a-rather-long-name")).unwrap().short_id(),
            "a-rather-long-name"
        );
    }
}
