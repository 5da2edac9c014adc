//! A real Prometheus, as Debian builds it, that scrapes one port every second.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use telemetry_export::Format;

use crate::scraped::{Scraped, Series};

/// What is not there by then never will be.
const PATIENCE: Duration = Duration::from_secs(120);

/// A Prometheus that is killed when this is dropped.
pub(crate) struct Prometheus {
    child: Child,
    port: u16,
    _folder: tempfile::TempDir,
}

/// What Prometheus has of the scraped port at one moment.
pub(crate) struct Now<'p>(&'p Prometheus);

impl Prometheus {
    /// Where it is, or `None`, said aloud, where `scripts/bootstrap test` has not unpacked it.
    pub(crate) fn find() -> Option<PathBuf> {
        let cache = std::env::var_os("GOSTAT_CACHE").filter(|cache| !cache.is_empty()).map(PathBuf::from);
        let cache = cache.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache/gostat")))?;
        let path = cache.join("debian-programs/prometheus/usr/bin/prometheus");
        if path.is_file() {
            return Some(path);
        }
        eprintln!("SKIPPED: prometheus: not unpacked\nhint: scripts/bootstrap test");
        None
    }

    /// Starts one that scrapes this port, with the rules that are shipped.
    pub(crate) fn start(program: &Path, scraped_port: u16) -> Prometheus {
        let folder = tempfile::tempdir().unwrap();
        let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/prometheus/*.rules.yml");
        let configuration = format!(
            "global: {{ scrape_interval: 1s, evaluation_interval: 1s }}\nrule_files: [{rules:?}]\nscrape_configs:\n\
             - job_name: gostat\n  honor_labels: true\n  static_configs: [{{ targets: ['127.0.0.1:{scraped_port}'] }}]\n"
        );
        let file = folder.path().join("prometheus.yml");
        std::fs::write(&file, configuration).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let child = Command::new(program)
            .arg(format!("--config.file={}", file.display()))
            .arg(format!("--storage.tsdb.path={}", folder.path().join("data").display()))
            .arg(format!("--web.listen-address=127.0.0.1:{port}"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Prometheus { child, port, _folder: folder }
    }

    /// Looks after every scrape whether something is so.
    pub(crate) fn wait_until(&self, scraped: &Scraped, mut is_so: impl FnMut(&Now<'_>) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let accept = scraped.next_scrape();
            assert_eq!(
                Format::for_accept(Some(&accept)),
                Format::OpenMetrics,
                "what Prometheus likes most: {accept}"
            );
            if is_so(&Now(self)) {
                return;
            }
            assert!(Instant::now() < deadline, "{:#?}", Now(self).series());
        }
    }

    /// Stops it.
    pub(crate) fn stop(mut self) {
        assert_eq!(self.child.try_wait().unwrap(), None, "Prometheus has ended by itself");
    }

    /// What its API answers, if it does.
    fn ask(&self, path: &str) -> Option<Value> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        write!(stream, "GET {path} HTTP/1.0\r\n\r\n").ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let answer: Value = serde_json::from_str(answer.split_once("\r\n\r\n")?.1).ok()?;
        (answer["status"] == "success").then(|| answer["data"].clone())
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Now<'_> {
    /// What Prometheus has against the latest scrape; empty if nothing.
    pub(crate) fn scrape_error(&self) -> String {
        let targets = self.0.ask("/api/v1/targets").unwrap_or_default();
        targets["activeTargets"][0]["lastError"].as_str().unwrap_or_default().to_owned()
    }

    /// All that was scraped, as it is now, without what Prometheus and its rules add.
    pub(crate) fn series(&self) -> Series {
        let query = "%7Bjob%3D%22gostat%22%2C__name__!~%22up%7Cscrape_.%2B%7CALERTS.*%7C.*%3A.*%22%7D";
        let found = self.0.ask(&format!("/api/v1/query?query={query}")).unwrap_or_default();
        let mut series = Series::new();
        for one in found["result"].as_array().into_iter().flatten() {
            let labels = one["metric"].as_object().unwrap().iter();
            let labels = labels.filter(|(key, _)| !["job", "instance"].contains(&key.as_str()));
            let labels =
                labels.map(|(key, value)| (key.clone(), value.as_str().unwrap().to_owned())).collect();
            series.insert(labels, one["value"][1].as_str().unwrap().parse().unwrap());
        }
        series
    }
}
