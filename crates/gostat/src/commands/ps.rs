//! `gostat ps`: every Go process of this machine.

use std::path::PathBuf;

use anyhow::Result;
use capture::{GoProcess, Survey};
use linux_process::{Container, ProcessTable, Stat, UserNames, container_of};
use report::{Align, Table, short_duration};
use serde_json::{Value, json};

use crate::arguments::PsOptions;
use crate::output::deliver;
use crate::trouble;

/// One listed process.
#[derive(Debug)]
struct Listed {
    pid: u32,
    name: String,
    uid: Option<u32>,
    user: Option<String>,
    threads: u32,
    uptime_ms: Option<u64>,
    executable: Option<PathBuf>,
    container: Option<Container>,
    /// What was found in it, or why it could not be looked into.
    inside: Result<GoProcess, Refusal>,
}

/// Why a process could not be looked into.
#[derive(Debug)]
struct Refusal {
    reason: String,
    hint: Option<String>,
}

/// Runs `gostat ps`.
pub(crate) fn run(options: &PsOptions) -> Result<()> {
    let listed = list(&ProcessTable::default())?;
    if options.json {
        let text = as_json(&listed);
        return Ok(deliver(None, |writer| writeln!(writer, "{text}"))?);
    }
    deliver(None, |mut writer| as_table(&listed).write(&mut writer))?;
    remark_on_refusals(&listed);
    Ok(())
}

/// Go processes by ascending pid, then those that might be.
fn list(table: &ProcessTable) -> Result<Vec<Listed>> {
    let mut gathering = Gathering {
        table,
        machine_uptime_ms: table.machine_uptime_ms(),
        users: UserNames::default(),
        survey: Survey::default(),
    };
    let own_pid = table.own_pid();
    let mut listed: Vec<Listed> = table
        .list()?
        .into_iter()
        .filter(|stat| !stat.kernel_thread && !stat.state.has_exited() && Some(stat.pid) != own_pid)
        .filter_map(|stat| gathering.look_into(stat))
        .collect();
    listed.sort_by_key(|process| process.inside.is_err());
    Ok(listed)
}

/// What is remembered from process to process.
struct Gathering<'a> {
    table: &'a ProcessTable,
    machine_uptime_ms: Option<u64>,
    users: UserNames,
    survey: Survey,
}

impl Gathering<'_> {
    /// `None` for what is not Go, or has gone meanwhile.
    fn look_into(&mut self, stat: Stat) -> Option<Listed> {
        let inside = match self.survey.look_at(self.table.open(stat.pid).ok()?) {
            Ok(go) => Ok(go),
            Err(error) if error.may_be_go() => Err(Refusal { reason: error.to_string(), hint: error.hint() }),
            Err(_) => return None,
        };
        let process = self.table.open(stat.pid).ok()?;
        let uid = process.status().ok().map(|status| status.uid);
        Some(Listed {
            pid: stat.pid,
            name: stat.name,
            uid,
            user: uid.and_then(|uid| self.users.name(uid)).map(str::to_owned),
            threads: stat.threads,
            uptime_ms: self.machine_uptime_ms.map(|uptime| ProcessTable::uptime_ms(uptime, stat.start_ticks)),
            executable: process.executable().ok().map(|executable| executable.path),
            container: process.cgroups().ok().and_then(|groups| container_of(&groups)),
            inside,
        })
    }
}

fn as_table(listed: &[Listed]) -> Table {
    let mut table = Table::new(&[
        ("PID", Align::Right),
        ("USER", Align::Left),
        ("GO", Align::Left),
        ("GOROUTINES", Align::Right),
        ("THREADS", Align::Right),
        ("MAXPROCS", Align::Right),
        ("UPTIME", Align::Right),
        ("CONTAINER", Align::Left),
        ("SYMBOLS", Align::Left),
        ("NAME", Align::Left),
        ("MODULE", Align::Left),
    ]);
    for process in listed {
        let [version, goroutines, maxprocs, symbols, module] = match &process.inside {
            Ok(go) => [
                go.go_version.clone(),
                go.goroutines.to_string(),
                number(go.gomaxprocs),
                if go.stripped { "stripped" } else { "yes" }.to_owned(),
                module(go),
            ],
            Err(refusal) => {
                let unknown = || "?".to_owned();
                [unknown(), unknown(), unknown(), unknown(), refusal.reason.clone()]
            }
        };
        let uid = process.uid.map(|uid| uid.to_string());
        let container = process.container.as_ref().map(|container| container.short_id().to_owned());
        let row = [
            process.pid.to_string(),
            process.user.clone().or(uid).unwrap_or_default(),
            version,
            goroutines,
            process.threads.to_string(),
            maxprocs,
            process.uptime_ms.map(short_duration).unwrap_or_default(),
            container.unwrap_or_default(),
            symbols,
            process.name.clone(),
            module,
        ];
        // An empty cell would shift the others for programs that split at blanks.
        table.row(row.map(|cell| if cell.is_empty() { "-".to_owned() } else { cell }));
    }
    table
}

fn number<N: ToString>(number: Option<N>) -> String {
    number.map_or_else(|| "?".to_owned(), |number| number.to_string())
}

fn module(go: &GoProcess) -> String {
    match (&go.module, &go.module_version) {
        (Some(module), Some(version)) => format!("{module} {version}"),
        (Some(module), None) => module.clone(),
        (None, _) => String::new(),
    }
}

fn as_json(listed: &[Listed]) -> Value {
    let processes: Vec<Value> = listed.iter().map(process_as_json).collect();
    json!({ "processes": processes })
}

fn process_as_json(process: &Listed) -> Value {
    let go = process.inside.as_ref().ok();
    let refusal = process.inside.as_ref().err();
    json!({
        "pid": process.pid,
        "name": process.name,
        "user": process.user,
        "uid": process.uid,
        "executable": process.executable.as_ref().map(|path| path.to_string_lossy()),
        "go_version": go.map(|go| &go.go_version),
        "module": go.and_then(|go| go.module.as_ref()),
        "module_version": go.and_then(|go| go.module_version.as_ref()),
        "stripped": go.map(|go| go.stripped),
        "goroutines": go.map(|go| go.goroutines),
        "threads": process.threads,
        "gomaxprocs": go.and_then(|go| go.gomaxprocs),
        "uptime_ms": process.uptime_ms,
        "container": process.container.as_ref().map(|container| json!({
            "id": container.id,
            "runtime": container.runtime.name(),
            "pod_uid": container.pod_uid,
        })),
        "unreadable": refusal.map(|refusal| json!({"reason": refusal.reason, "hint": refusal.hint})),
    })
}

fn remark_on_refusals(listed: &[Listed]) {
    let refusals: Vec<&Refusal> = listed.iter().filter_map(|process| process.inside.as_ref().err()).collect();
    let Some(first) = refusals.first() else { return };
    let text = match refusals.len() {
        1 => "1 process could not be looked into".to_owned(),
        several => format!("{several} processes could not be looked into"),
    };
    // What would help one may not help another: then the way that opens all of them.
    let alike = refusals.iter().all(|refusal| refusal.hint == first.hint);
    let general = "run as root or with CAP_SYS_PTRACE; see gostat doctor";
    trouble::remark(&text, if alike { first.hint.as_deref() } else { Some(general) });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(listed: &[Listed]) -> String {
        let mut text = Vec::new();
        as_table(listed).write(&mut text).unwrap();
        String::from_utf8(text).unwrap()
    }

    fn listed(inside: Result<GoProcess, Refusal>) -> Listed {
        Listed {
            pid: 4242,
            name: "api".into(),
            uid: Some(1000),
            user: None,
            threads: 12,
            uptime_ms: Some(66_000),
            executable: Some("/srv/api".into()),
            container: None,
            inside,
        }
    }

    fn go() -> GoProcess {
        GoProcess {
            go_version: "go1.23.4".into(),
            module: Some("example.org/api".into()),
            module_version: Some("v1.2.3".into()),
            stripped: true,
            goroutines: 37,
            gomaxprocs: Some(8),
        }
    }

    #[test]
    fn a_process_in_words_and_as_json() {
        let process = [listed(Ok(go()))];
        let text = text(&process);
        let row: Vec<&str> = text.lines().nth(1).unwrap().split_whitespace().collect();
        assert_eq!(
            row,
            [
                "4242",
                "1000",
                "go1.23.4",
                "37",
                "12",
                "8",
                "1m06s",
                "-",
                "stripped",
                "api",
                "example.org/api",
                "v1.2.3"
            ]
        );
        let json = as_json(&process);
        let process = &json["processes"][0];
        assert_eq!((process["goroutines"].as_u64(), process["stripped"].as_bool()), (Some(37), Some(true)));
        assert!(process["unreadable"].is_null() && process["container"].is_null());
    }

    #[test]
    fn a_process_that_may_not_be_read_is_listed_with_the_reason() {
        let refusal = Refusal { reason: "permission denied".into(), hint: Some("be root".into()) };
        let process = [listed(Err(refusal))];
        let text = text(&process);
        let row = text.lines().nth(1).unwrap();
        assert!(row.contains(" ? ") && row.ends_with("permission denied"), "{row}");
        let json = as_json(&process);
        assert_eq!(json["processes"][0]["unreadable"]["reason"], "permission denied");
        assert!(json["processes"][0]["go_version"].is_null());
    }
}
