//! Which processes of a history somebody means.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use history_store::{Process, ProcessKey, Span};

use super::past_error::PastError;
use crate::target::TargetId;

/// Similar names that are offered for one that is not there.
const SIMILAR_MAX: usize = 3;

/// The processes that are meant and were seen in a span, in order. A pid is one process: of several that have had it, the
/// one that was seen last, with all programs that it has executed. An id is one program of one process. A name (of the process, its file, its module or its service) is all that have it.
pub(super) fn find<'p>(
    processes: &'p [Process],
    target: &str,
    span: Span,
) -> Result<Vec<&'p Process>, PastError> {
    let is_pid = !target.is_empty() && target.bytes().all(|byte| byte.is_ascii_digit());
    let (one, wanted): (bool, Vec<&Process>) = if is_pid {
        (true, processes.iter().filter(|process| process.key.pid.to_string() == target).collect())
    } else {
        let of_id: Vec<_> = processes.iter().filter(|process| id(&process.key) == target).collect();
        match of_id.is_empty() {
            false => (true, of_id),
            true => (false, processes.iter().filter(|process| names(process).contains(&target)).collect()),
        }
    };
    if wanted.is_empty() {
        return Err(PastError::NoTarget { target: target.to_owned(), similar: similar(processes, target) });
    }
    let seen_then =
        |process: &&&Process| process.first_seen_ms < span.to_ms && process.last_seen_ms >= span.from_ms;
    let mut then: Vec<&Process> = wanted.iter().filter(seen_then).copied().collect();
    if then.is_empty() {
        return Err(PastError::NotThen { target: target.to_owned(), seen: seen(&wanted) });
    }
    if one {
        let of = |process: &Process| (process.key.boot_id.clone(), process.key.start_ticks);
        let last = then.iter().max_by_key(|process| process.last_seen_ms).map(|last| of(last));
        then.retain(|process| Some(of(process)) == last);
    }
    Ok(then)
}

/// Names a process as a target's id does.
pub(super) fn id(key: &ProcessKey) -> String {
    TargetId::new(key.pid, key.start_ticks, key.execs).to_string()
}

fn names(process: &Process) -> Vec<&str> {
    let info = &process.info;
    names_of(&info.command, &info.executable, info.module.as_deref(), &info.tags)
}

/// What a process is called.
pub(super) fn names_of<'p>(
    name: &'p str,
    executable: &'p str,
    module: Option<&'p str>,
    labels: &'p BTreeMap<String, String>,
) -> Vec<&'p str> {
    let file = Path::new(executable).file_name().and_then(|name| name.to_str());
    let short_module = module.and_then(|module| module.rsplit('/').next());
    let service = labels.get("service.name").map(String::as_str);
    let names = [Some(name), file, module, short_module, service];
    names.into_iter().flatten().filter(|name| !name.is_empty()).collect()
}

fn similar(processes: &[Process], target: &str) -> Vec<String> {
    let wanted = target.to_lowercase();
    let is_similar = |name: &&str| {
        let name = name.to_lowercase();
        name.contains(&wanted) || strsim::jaro_winkler(&name, &wanted) > 0.85
    };
    let found: BTreeSet<&str> = processes.iter().flat_map(names).filter(is_similar).collect();
    found.into_iter().take(SIMILAR_MAX).map(str::to_owned).collect()
}

fn seen(processes: &[&Process]) -> String {
    let text = |ms: Option<u64>| {
        let time = UNIX_EPOCH.checked_add(Duration::from_millis(ms.unwrap_or_default()));
        humantime::format_rfc3339_seconds(time.unwrap_or(UNIX_EPOCH)).to_string()
    };
    let first = processes.iter().map(|process| process.first_seen_ms).min();
    let last = processes.iter().map(|process| process.last_seen_ms).max();
    format!("from {} to {}", text(first), text(last))
}

#[cfg(test)]
mod tests {
    use super::*;
    use history_store::{ProcessId, ProcessInfo};

    fn process(number: i64, pid: u32, seen: (u64, u64), command: &str, module: &str) -> Process {
        Process {
            id: ProcessId(number),
            key: ProcessKey { boot_id: "b".to_owned(), pid, start_ticks: number.unsigned_abs(), execs: 0 },
            info: ProcessInfo {
                command: command.to_owned(),
                executable: format!("/usr/bin/{command}"),
                module: Some(module.to_owned()),
                tags: [("service.name".to_owned(), format!("{command}-service"))].into(),
                ..ProcessInfo::default()
            },
            first_seen_ms: seen.0,
            last_seen_ms: seen.1,
            ended: None,
        }
    }

    #[test]
    fn a_pid_is_one_process_and_a_name_is_all_that_have_it() {
        let processes = [
            process(1, 7, (0, 10), "api", "example.com/shop/api"),
            process(2, 7, (20, 30), "api", "example.com/shop/api"),
            process(3, 8, (5, 30), "web", "example.com/shop/web"),
        ];
        let found = |target: &str, from_ms, to_ms| {
            let found = find(&processes, target, Span { from_ms, to_ms });
            found.map(|found| found.iter().map(|process| process.id.0).collect::<Vec<_>>())
        };
        assert_eq!(found("7", 0, 40).unwrap(), [2], "the one seen last");
        assert_eq!(found("7", 0, 11).unwrap(), [1]);
        assert_eq!(found("7-1", 0, 40).unwrap(), [1]);
        for name in ["api", "example.com/shop/api", "api-service"] {
            assert_eq!(found(name, 0, 40).unwrap(), [1, 2], "{name}");
        }
        assert!(matches!(found("7-1.2", 0, 40), Err(PastError::NoTarget { .. })), "it executed nothing");
        let error = found("api", 12, 18).unwrap_err();
        assert!(matches!(error, PastError::NotThen { .. }), "{error}");
        assert!(error.hint().unwrap().contains("1970-01-01T00:00:00Z"), "{error}");
        for (wrong, similar) in
            [("ap", "there is api"), ("webb", "there is web"), ("999", "lists what there is")]
        {
            let error = found(wrong, 0, 40).unwrap_err();
            assert!(matches!(error, PastError::NoTarget { .. }), "{error}");
            assert!(error.hint().unwrap().contains(similar), "{:?}", error.hint());
        }
    }
    #[test]
    fn who_executes_another_program_is_both_by_pid_and_each_by_id() {
        let exec = |number, execs, seen, command| {
            let before = process(number, 7, seen, command, "example.com/m");
            let key = ProcessKey { start_ticks: 5, execs, ..before.key.clone() };
            Process { key, ..before }
        };
        let mut processes = vec![exec(1, 0, (0, 10), "init"), exec(2, 1, (11, 30), "api")];
        processes.push(exec(3, 2, (31, 50), "api"));
        let found = |target: &str, from_ms, to_ms| {
            let found = find(&processes, target, Span { from_ms, to_ms }).unwrap();
            found.iter().map(|process| process.id.0).collect::<Vec<_>>()
        };
        assert_eq!(found("7", 0, 60), [1, 2, 3]);
        assert_eq!(found("7", 0, 12), [1, 2], "those that were seen then");
        assert_eq!(
            (found("7-5", 0, 60), found("7-5.1", 0, 60), found("7-5.2", 0, 60)),
            (vec![1], vec![2], vec![3])
        );
        assert_eq!((found("init", 0, 60), found("api", 0, 60)), (vec![1], vec![2, 3]));
        assert_eq!(found("api-service", 0, 60), [2, 3]);
    }
}
