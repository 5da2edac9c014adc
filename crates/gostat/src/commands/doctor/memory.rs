//! May we read the memory of other processes? All that `ps`, `dump` and `stat` do rests on it.

use linux_process::Capability;

use super::facts::{Facts, Tries};
use super::{Ability, Examination};

pub(super) fn reading(facts: &Facts) -> Examination {
    let (ability, finding, hint) = judge(facts);
    Examination { name: "process_memory", title: "reading processes", ability, finding, hint }
}

fn judge(facts: &Facts) -> (Ability, String, Option<String>) {
    if let Err(error) = &facts.own_memory {
        let finding = format!("process_vm_readv does not work even on ourselves: {error}");
        let hint = "a seccomp profile or sandbox forbids it: allow process_vm_readv, or add SYS_PTRACE to \
                    the container's capabilities, which Docker's profile takes as leave";
        return (Ability::None, finding, Some(hint.into()));
    }
    let tries = match &facts.tries {
        Ok(tries) => tries,
        Err(error) => return (Ability::None, error.to_string(), error.hint()),
    };
    let has_capability = facts.user.as_ref().is_some_and(|user| user.capabilities.has(Capability::SysPtrace));
    let finding = format!(
        "{} of {} other processes can be read; {}; {}",
        tries.readable,
        tries.readable + tries.denied,
        if has_capability { "we have CAP_SYS_PTRACE" } else { "we do not have CAP_SYS_PTRACE" },
        ptrace_scope(facts.ptrace_scope),
    );
    let ability = match tries {
        Tries { denied: 0, readable: 0, .. } if !has_capability => Ability::Limited,
        Tries { denied: 0, .. } => Ability::Full,
        Tries { readable: 0, .. } => Ability::None,
        _ => Ability::Limited,
    };
    let hint = (ability != Ability::Full).then(|| advice(facts, tries, has_capability));
    (ability, finding, hint)
}

fn ptrace_scope(scope: Option<i64>) -> String {
    match scope {
        None => "no Yama: any process of the same user can be read".into(),
        Some(0) => "kernel.yama.ptrace_scope=0: any process of the same user can be read".into(),
        Some(1) => "kernel.yama.ptrace_scope=1: only children can be read without the capability".into(),
        Some(2) => "kernel.yama.ptrace_scope=2: none can be read without the capability".into(),
        Some(3) => "kernel.yama.ptrace_scope=3: none can be read by anybody".into(),
        Some(other) => format!("kernel.yama.ptrace_scope={other}"),
    }
}

fn advice(facts: &Facts, tries: &Tries, has_capability: bool) -> String {
    if facts.ptrace_scope == Some(3) {
        return "ptrace_scope=3 lasts until the next boot: set it lower in /etc/sysctl.d and reboot".into();
    }
    if has_capability {
        return if facts.user.as_ref().and_then(|user| user.in_initial_user_namespace) == Some(false) {
            "our capabilities hold only in our user namespace: run outside of it for the others".into()
        } else {
            "a security module (AppArmor, SELinux) or another user namespace protects the others".into()
        };
    }
    let mut advice = "run as root, or: sudo setcap cap_sys_ptrace+ep PATH-OF-GOSTAT; in Kubernetes: \
                      securityContext.capabilities.add: [SYS_PTRACE]"
        .to_owned();
    if tries.denied_own_user > 0 && matches!(facts.ptrace_scope, Some(1)) {
        advice.push_str("; for one's own processes: sudo sysctl kernel.yama.ptrace_scope=0");
    }
    advice
}

#[cfg(test)]
mod tests {
    use super::super::facts::OurUser;
    use super::*;
    use linux_process::{Capabilities, ProcessError};

    fn check(tries: Tries, capable: bool, scope: Option<i64>) -> (Ability, String) {
        let mut facts = Facts::gather();
        facts.own_memory = Ok(());
        facts.tries = Ok(tries);
        facts.ptrace_scope = scope;
        facts.user = Some(OurUser {
            uid: 1000,
            capabilities: Capabilities(if capable { 1 << 19 } else { 0 }),
            seccomp_filter: false,
            in_initial_user_namespace: Some(true),
        });
        let (ability, finding, hint) = judge(&facts);
        (ability, format!("{finding} / {}", hint.unwrap_or_default()))
    }

    #[test]
    fn root() {
        let (ability, text) = check(Tries { readable: 9, ..Tries::default() }, true, None);
        assert_eq!(ability, Ability::Full);
        assert!(text.starts_with("9 of 9 other processes can be read; we have CAP_SYS_PTRACE;"), "{text}");
        assert!(text.ends_with(" / "), "{text}");
    }

    #[test]
    fn ordinary_user() {
        let (ability, text) = check(Tries { readable: 2, denied: 8, denied_own_user: 0 }, false, None);
        assert_eq!(ability, Ability::Limited);
        assert!(text.contains("2 of 10") && text.contains("setcap") && !text.contains("sysctl"), "{text}");
    }

    #[test]
    fn restricted_to_children() {
        let (ability, text) = check(Tries { readable: 0, denied: 8, denied_own_user: 3 }, false, Some(1));
        assert_eq!(ability, Ability::None);
        assert!(text.contains("sysctl kernel.yama.ptrace_scope=0"), "{text}");
    }

    #[test]
    fn forbidden_to_everybody() {
        let (ability, text) = check(Tries { readable: 0, denied: 8, denied_own_user: 3 }, true, Some(3));
        assert_eq!(ability, Ability::None);
        assert!(text.contains("reboot") && !text.contains("setcap"), "{text}");
    }

    #[test]
    fn alone_in_a_container() {
        assert_eq!(check(Tries::default(), false, None).0, Ability::Limited);
        assert_eq!(check(Tries::default(), true, None).0, Ability::Full);
    }

    #[test]
    fn without_proc() {
        let mut facts = Facts::gather();
        facts.own_memory = Ok(());
        facts.tries =
            Err(ProcessError::Listing { root: "/proc".into(), source: std::io::ErrorKind::NotFound.into() });
        let (ability, _, hint) = judge(&facts);
        assert_eq!(ability, Ability::None);
        assert!(hint.unwrap().contains("mount"));
    }
}
