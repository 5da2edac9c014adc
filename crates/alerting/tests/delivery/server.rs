//! A small web server, and the alerts that it is sent.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use alerting::*;
use serde_json::Value;

/// Long enough for a busy machine; a test that waits so long has failed.
pub(crate) const LONG: Duration = Duration::from_secs(60);

/// A request as it arrived.
#[derive(Debug)]
pub(crate) struct Request {
    /// The path with parameters.
    pub(crate) path: String,
    /// Headers, names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    /// The body.
    pub(crate) body: Value,
}

/// How a server answers one request.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// Status, further headers, body.
    Say(u16, &'static str, &'static str),
    /// Reads the request and says nothing until the other side gives up.
    Silence,
    /// Closes the connection without a word.
    Close,
    /// Closes it in the middle of the answer.
    CloseInTheMiddle,
    /// Begins an answer that never ends, a byte at a time for as long as the other side takes them.
    Endless,
}

/// A server that answers as it is told, in order; what comes after that gets the last answer again.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    requests: Receiver<Request>,
}

impl Server {
    pub(crate) fn start(answers: Vec<Answer>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, requests) = channel();
        // Ends with the process of the tests.
        thread::spawn(move || {
            for (n, stream) in listener.incoming().enumerate() {
                let answer = answers.get(n).or(answers.last()).unwrap().clone();
                let sender = sender.clone();
                thread::spawn(move || serve(&mut stream.unwrap(), &answer, &sender));
            }
        });
        Server { address, requests }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// The next request.
    pub(crate) fn request(&self) -> Request {
        self.requests.recv_timeout(LONG).unwrap()
    }

    /// What has arrived and not been taken.
    pub(crate) fn rest(&self) -> Vec<Request> {
        self.requests.try_iter().collect()
    }
}

/// Reads a request, hands it over, and answers.
pub(crate) fn serve<S: Read + Write>(
    stream: &mut S,
    answer: &Answer,
    sender: &Sender<Request>,
) -> Option<()> {
    let request = read(stream)?;
    // The test may have ended.
    sender.send(request).ok()?;
    match answer {
        Answer::Say(status, headers, body) => {
            let head = format!(
                "HTTP/1.1 {status} X\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\r\n",
                body.len()
            );
            stream.write_all((head + body).as_bytes()).ok()
        }
        Answer::Silence => stream.read(&mut [0; 1]).ok().map(|_| ()),
        Answer::Close => None,
        Answer::CloseInTheMiddle => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nok").ok()
        }
        Answer::Endless => {
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").ok()?;
            while stream.write_all(b"ok").is_ok() {}
            Some(())
        }
    }
}

fn read(stream: &mut impl Read) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim().split_once(':') else { break };
        headers.push((name.to_lowercase(), value.trim().to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length")?.1.parse().ok()?;
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Request { path, headers, body: serde_json::from_slice(&body).ok()? })
}

/// A sink of the server's, that tries again soon.
pub(crate) fn sink(name: &str, server: &str) -> SinkSettings {
    SinkSettings {
        url: Some(Address::new(server)),
        timeout_ms: 60_000,
        retry_first_ms: 1,
        retry_max_ms: 20,
        ..SinkSettings::new(name, SinkType::Webhook)
    }
}

/// A sink of another type: its address is in a file.
pub(crate) fn chat(sink_type: SinkType, server: &str, directory: &Path) -> SinkSettings {
    let file = directory.join(format!("{sink_type}-url"));
    std::fs::write(&file, format!("{server}/SECRET-TOKEN-{sink_type}")).unwrap();
    SinkSettings { sink_type, url: None, url_file: Some(file), ..sink(sink_type.name(), server) }
}

pub(crate) fn settings(sinks: Vec<SinkSettings>, spool: Option<&Path>) -> AlertSettings {
    AlertSettings { sinks, spool_directory: spool.map(Path::to_owned), ..AlertSettings::default() }
}

/// Something that fires now, and its end, by a real tick of real findings.
pub(crate) fn fired_and_resolved(package: &str, severity: Severity) -> [Notice; 2] {
    let seen = [Observation {
        detector: "leaks",
        kind: Kind::LeakProven,
        key: CauseKey { package: Some(package.to_owned()), ..CauseKey::default() },
        target: TargetTags { pid: 7, service: Some("checkout".to_owned()), ..TargetTags::default() },
        severity,
        sentence: "100 goroutines can never run again.".to_owned(),
        evidence: Vec::new(),
        causes: vec![Cause {
            function: "report.collect".to_owned(),
            file: "report.go".to_owned(),
            line: 88,
            count: 100,
        }],
        count: 100,
        per_minute: None,
        fix: None,
    }];
    let now = unix_ms();
    let mut findings = Findings::new(FindingSettings::default());
    let judged = [Judged { target: seen[0].target.key(), detector: "leaks" }];
    let ticks = [&seen[..], &seen, &[], &[]].into_iter().enumerate();
    let told: Vec<Notice> = ticks
        .flat_map(|(n, observations)| {
            let at_unix_ms = now - 300_000 + n as u64 * 100_000;
            findings.tick(&Tick { at_unix_ms, observations, judged: &judged, gone: &[] })
        })
        .collect();
    told.try_into().unwrap()
}

pub(crate) fn fired(package: &str) -> Notice {
    fired_and_resolved(package, Severity::Warning)[0].clone()
}

pub(crate) fn unix_ms() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    u64::try_from(since.as_millis()).unwrap()
}
