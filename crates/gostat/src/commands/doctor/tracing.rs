//! May we sample running threads, and attach BPF programs? Neither is needed for parked goroutines.

use linux_process::Capability;
use process_memory::SamplerError;

use super::facts::Facts;
use super::{Ability, Examination};

/// Performance events give the stacks of goroutines that run at the moment.
pub(super) fn perf_events(facts: &Facts) -> Examination {
    let paranoid = match facts.perf_event_paranoid {
        Some(level) => format!("kernel.perf_event_paranoid={level}"),
        None => "the kernel has no performance events".into(),
    };
    let (ability, finding, hint) = match &facts.perf {
        Ok(()) if may_sample_others(facts) => {
            (Ability::Full, format!("a thread could be sampled; {paranoid}"), None)
        }
        Ok(()) => {
            let finding = format!("only threads of processes that we may read can be sampled; {paranoid}");
            (Ability::Limited, finding, Some("run as root or with CAP_PERFMON".into()))
        }
        Err(error @ SamplerError::NotPermitted { .. }) => (
            Ability::None,
            format!("{}; {paranoid}", first_line(&error.to_string())),
            Some(perf_advice(facts)),
        ),
        Err(error) => {
            let hint = "stacks of running goroutines are left out; all others are not affected";
            (Ability::None, format!("{}; {paranoid}", first_line(&error.to_string())), Some(hint.to_owned()))
        }
    };
    Examination { name: "perf_events", title: "stacks of running goroutines", ability, finding, hint }
}

/// The try was on a thread of ours. For others the kernel asks for CAP_PERFMON or the right to trace them.
fn may_sample_others(facts: &Facts) -> bool {
    let capable = facts.user.as_ref().is_some_and(|user| {
        [Capability::Perfmon, Capability::SysAdmin, Capability::SysPtrace]
            .into_iter()
            .any(|capability| user.capabilities.has(capability))
    });
    capable || facts.tries.as_ref().is_ok_and(|tries| tries.denied == 0 && tries.readable > 0)
}

/// Errors of that crate bring their own hint on a second line; here it is said with what was measured.
fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

fn perf_advice(facts: &Facts) -> String {
    let mut ways = vec!["run as root", "or with CAP_PERFMON (before Linux 5.8: CAP_SYS_ADMIN)"];
    if facts.perf_event_paranoid.is_some_and(|level| level > 2) {
        ways.push("or: sudo sysctl kernel.perf_event_paranoid=2");
    }
    if facts.user.as_ref().is_some_and(|user| user.seccomp_filter) {
        ways.push("and let the seccomp profile allow perf_event_open");
    }
    ways.join(", ")
}

/// BPF programs follow goroutines through their lives.
pub(super) fn bpf(facts: &Facts) -> Examination {
    let capable = facts.user.as_ref().is_some_and(|user| {
        user.capabilities.has(Capability::SysAdmin)
            || (user.capabilities.has(Capability::Bpf) && user.capabilities.has(Capability::Perfmon))
    });
    let mut found = vec![match facts.unprivileged_bpf_disabled {
        Some(level) => format!("kernel.unprivileged_bpf_disabled={level}"),
        None => "the kernel does not say whether it has BPF".into(),
    }];
    let mut missing = Vec::new();
    for (is_there, name, remedy) in [
        (capable, "CAP_BPF and CAP_PERFMON", "CAP_BPF and CAP_PERFMON, which root has"),
        (facts.has_btf, "type information (BTF)", "a kernel built with CONFIG_DEBUG_INFO_BTF"),
        (facts.has_uprobes, "uprobes", "a kernel built with CONFIG_UPROBE_EVENTS, and /sys mounted"),
    ] {
        found.push(format!("{} {name}", if is_there { "has" } else { "lacks" }));
        if !is_there {
            missing.push(remedy);
        }
    }
    // Tracing through uprobes is all or nothing; programs without BTF still load.
    let ability = match (capable && facts.has_uprobes, facts.has_btf) {
        (true, true) => Ability::Full,
        (true, false) => Ability::Limited,
        (false, _) => Ability::None,
    };
    let hint = (!missing.is_empty()).then(|| format!("needs {}", missing.join("; and ")));
    let finding = format!("{} (no command of this release uses it)", found.join(", "));
    Examination { name: "bpf", title: "tracing by eBPF", ability, finding, hint }
}

#[cfg(test)]
mod tests {
    use super::super::facts::{OurUser, Tries};
    use super::*;
    use linux_process::Capabilities;

    fn facts(capabilities: u64) -> Facts {
        let mut facts = Facts::gather();
        facts.user = Some(OurUser {
            uid: 1000,
            capabilities: Capabilities(capabilities),
            seccomp_filter: false,
            in_initial_user_namespace: Some(true),
        });
        (facts.has_btf, facts.has_uprobes, facts.unprivileged_bpf_disabled) = (true, true, Some(2));
        facts
    }

    #[test]
    fn bpf_wants_both_capabilities_or_the_old_one() {
        assert_eq!(bpf(&facts(1 << 39)).ability, Ability::None);
        assert_eq!(bpf(&facts(1 << 39 | 1 << 38)).ability, Ability::Full);
        assert_eq!(bpf(&facts(1 << 21)).ability, Ability::Full);
        let without = bpf(&facts(0));
        assert!(without.finding.contains("lacks CAP_BPF"), "{}", without.finding);
        assert!(without.hint.unwrap().contains("CAP_BPF"));
    }

    #[test]
    fn bpf_without_types_is_limited_and_without_uprobes_nothing() {
        let mut facts = facts(1 << 21);
        facts.has_btf = false;
        assert_eq!(bpf(&facts).ability, Ability::Limited);
        facts.has_uprobes = false;
        assert_eq!(bpf(&facts).ability, Ability::None);
        assert!(bpf(&facts).hint.unwrap().contains("BTF"));
    }

    #[test]
    fn perf_follows_the_actual_try() {
        let mut facts = facts(1 << 38);
        facts.perf = Ok(());
        assert_eq!(perf_events(&facts).ability, Ability::Full);
        facts.user.as_mut().unwrap().capabilities = Capabilities(0);
        facts.tries = Ok(Tries { denied: 1, ..Tries::default() });
        assert_eq!(perf_events(&facts).ability, Ability::Limited);
        facts.perf = Err(SamplerError::UnknownArchitecture);
        facts.perf_event_paranoid = None;
        let examination = perf_events(&facts);
        assert_eq!(examination.ability, Ability::None);
        assert!(examination.finding.contains("no performance events"));
    }
}
