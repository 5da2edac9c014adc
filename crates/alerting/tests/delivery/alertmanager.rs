//! A real Alertmanager, as Debian packages it: what it says of the alerts that it was sent.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use alerting::{Address, Delivery, Event, Severity, SinkSettings, SinkType, drill};
use serde_json::{Value, json};

use crate::server::{LONG, fired_and_resolved, settings, sink, unix_ms};

/// A server of its own, with its own data, ended with the test.
struct Alertmanager {
    process: Child,
    port: String,
    _data: tempfile::TempDir,
}

impl Drop for Alertmanager {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Debian's Alertmanager wants its templates where the package would have them. It is only unpacked, so it gets a view
/// of the file system of its own in which they are there.
const WITH_TEMPLATES: &str = "mount -t tmpfs none /usr/share && mkdir /usr/share/prometheus && \
    ln -s \"$0\" /usr/share/prometheus/alertmanager && exec \"$@\"";

/// The unpacked package, or `None`, said aloud, where `scripts/bootstrap test` has not unpacked it or the kernel does
/// not permit such a view.
fn package() -> Option<PathBuf> {
    let cache = std::env::var_os("GOSTAT_CACHE").filter(|cache| !cache.is_empty()).map(PathBuf::from);
    let cache = cache.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache/gostat")))?;
    let path = cache.join("debian-programs/prometheus-alertmanager");
    if !path.join("usr/bin/prometheus-alertmanager").is_file() {
        eprintln!("SKIPPED: prometheus-alertmanager: not unpacked\nhint: scripts/bootstrap test");
        return None;
    }
    if !namespaced().arg("true").stderr(Stdio::null()).status().is_ok_and(|status| status.success()) {
        eprintln!(
            "SKIPPED: prometheus-alertmanager: no user namespaces\nhint: sysctl user.max_user_namespaces"
        );
        return None;
    }
    Some(path)
}

fn namespaced() -> Command {
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--mount", "--"]);
    command
}

impl Alertmanager {
    fn start() -> Option<Alertmanager> {
        let package = package()?;
        let data = tempfile::tempdir().unwrap();
        let config = data.path().join("alertmanager.yml");
        std::fs::write(&config, "route:\n  receiver: nobody\nreceivers:\n  - name: nobody\n").unwrap();
        // Each of these becomes the next one: the process is Alertmanager in the end.
        let mut process = namespaced()
            .args(["sh", "-c", WITH_TEMPLATES])
            .arg(package.join("usr/share/prometheus/alertmanager"))
            .arg(package.join("usr/bin/prometheus-alertmanager"))
            .arg(format!("--config.file={}", config.display()))
            .arg(format!("--storage.path={}", data.path().display()))
            .arg("--web.listen-address=127.0.0.1:0")
            // No cluster: nothing of the network is listened to.
            .arg("--cluster.listen-address=")
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(process.stderr.take().unwrap()).lines().map(Result::unwrap);
        let mut said = Vec::new();
        let port = log.by_ref().find_map(|line| {
            let port = line
                .split_once("msg=\"Listening on\" address=127.0.0.1:")
                .map(|(_, port)| port.trim().to_owned());
            said.push(line);
            port
        });
        let Some(port) = port else { panic!("it ended before it listened: {said:#?}") };
        // Its log has to be read on, or it would stop at a full pipe.
        std::thread::spawn(move || log.for_each(drop));
        Some(Alertmanager { process, port, _data: data })
    }

    fn sink(&self) -> SinkSettings {
        SinkSettings {
            url: Some(Address::new(&format!("http://127.0.0.1:{}/", self.port))),
            sink_type: SinkType::Alertmanager,
            ..sink("alertmanager", "")
        }
    }

    fn get(&self, path: &str) -> Value {
        let mut answer = ureq::get(format!("http://127.0.0.1:{}/api/v2/{path}", self.port)).call().unwrap();
        serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap()
    }

    /// Its alerts once they are as wanted: it takes them in after it has answered.
    fn alerts(&self, wanted: impl Fn(&[Value]) -> bool) -> Vec<Value> {
        let deadline = Instant::now() + LONG;
        loop {
            let alerts = self.get("alerts").as_array().unwrap().clone();
            if wanted(&alerts) {
                return alerts;
            }
            assert!(Instant::now() < deadline, "{alerts:#?}");
        }
    }
}

#[test]
fn it_knows_what_fires_what_is_repeated_and_what_is_over() {
    let Some(server) = Alertmanager::start() else { return };
    let mut delivery = Delivery::start(&settings(vec![server.sink()], None)).unwrap();
    let [fired, mut resolved] = fired_and_resolved("shop/report", Severity::Warning);
    delivery.hand_over(fired.at_unix_ms, std::slice::from_ref(&fired), std::slice::from_ref(&fired.alert));
    let alerts = server.alerts(|alerts| alerts.len() == 1);
    let (labels, annotations) = (&alerts[0]["labels"], &alerts[0]["annotations"]);
    assert_eq!(labels["alertname"], "GostatLeak");
    assert_eq!(labels["severity"], "warning");
    assert_eq!(labels["package"], "shop/report");
    assert_eq!(labels["finding"], fired.alert.id.as_str());
    assert_eq!(annotations["cause"], "report.collect (report.go:88)");
    assert_eq!(annotations["summary"], "checkout: 100 goroutines leak in report.collect (report.go:88)");

    // Told again a minute later: the same alert, believed in for longer.
    let ends = alerts[0]["endsAt"].as_str().unwrap().to_owned();
    delivery.hand_over(fired.at_unix_ms + 60_000, &[], std::slice::from_ref(&fired.alert));
    let repeated =
        server.alerts(|alerts| alerts.len() == 1 && alerts[0]["endsAt"].as_str().unwrap() > ends.as_str());
    assert_eq!(repeated[0]["fingerprint"], alerts[0]["fingerprint"]);

    // Worse: another severity is another alert, and the one before is over.
    let mut worse = fired.clone();
    worse.event = Event::Escalated { from: Severity::Warning };
    worse.at_unix_ms = unix_ms();
    worse.alert.severity = Severity::Critical;
    worse.alert.labels.insert("severity".to_owned(), "critical".to_owned());
    delivery.hand_over(worse.at_unix_ms, std::slice::from_ref(&worse), &[]);
    let alerts = server.alerts(|alerts| alerts.len() == 1 && alerts[0]["labels"]["severity"] == "critical");
    assert_eq!(alerts[0]["startsAt"], repeated[0]["startsAt"]);

    resolved.alert.labels = worse.alert.labels;
    resolved.alert.resolved_at_unix_ms = Some(unix_ms());
    delivery.hand_over(unix_ms(), &[resolved], &[]);
    server.alerts(<[Value]>::is_empty);
    assert!(delivery.wait_until_empty(LONG));
    assert_eq!(delivery.counters()[0].failed, 0);
}

#[test]
fn its_silences_find_our_labels() {
    let Some(server) = Alertmanager::start() else { return };
    let silence = json!({
        "matchers": [{ "name": "package", "value": "shop/.*", "isRegex": true, "isEqual": true }],
        "startsAt": "2020-01-01T00:00:00Z",
        "endsAt": "2099-01-01T00:00:00Z",
        "createdBy": "test",
        "comment": "known",
    });
    ureq::post(format!("http://127.0.0.1:{}/api/v2/silences", server.port))
        .header("Content-Type", "application/json")
        .send(silence.to_string())
        .unwrap();
    let mut delivery = Delivery::start(&settings(vec![server.sink()], None)).unwrap();
    let [silenced, _] = fired_and_resolved("shop/report", Severity::Warning);
    let [other, _] = fired_and_resolved("main", Severity::Warning);
    delivery.hand_over(silenced.at_unix_ms, &[silenced, other], &[]);
    let state =
        |alert: &Value| (alert["labels"]["package"].to_string(), alert["status"]["state"].to_string());
    let expected = [("\"main\"", "\"active\""), ("\"shop/report\"", "\"suppressed\"")];
    server.alerts(|alerts| {
        let mut states: Vec<_> = alerts.iter().map(state).collect();
        states.sort();
        states.iter().map(|(package, state)| (package.as_str(), state.as_str())).eq(expected)
    });
}

#[test]
fn a_drill_arrives_and_is_over_at_once() {
    let Some(server) = Alertmanager::start() else { return };
    let reports = drill(&settings(vec![server.sink()], None), None).unwrap();
    assert_eq!(reports[0].error, None);
    server.alerts(<[Value]>::is_empty);
}
