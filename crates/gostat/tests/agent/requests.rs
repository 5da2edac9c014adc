//! Requests that are wrong, large, slow or many: each is refused in the same form, or ended, and others are answered.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;

use serde_json::Value;

use crate::running_agent::{PATIENCE, QUICK, RunningAgent};

/// As `web-server` has it.
const CONNECTIONS_MAX: usize = 256;

/// The answer to what is sent as it is, and how the connection ended.
fn raw(address: &str, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    // It may be ended before all of it is sent.
    let _ = stream.write_all(request);
    let mut answer = Vec::new();
    if let Err(error) = stream.read_to_end(&mut answer) {
        assert_ne!(error.kind(), ErrorKind::WouldBlock, "it was not ended");
    }
    String::from_utf8_lossy(&answer).into_owned()
}

fn posted(agent: &RunningAgent, kind: &str, body: &str) -> String {
    raw(
        &agent.address,
        format!(
            "POST /api/v1/silences HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\
             Content-Type: {kind}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .as_bytes(),
    )
}

#[test]
fn what_is_wrong_is_refused_in_one_form() {
    let agent = RunningAgent::start(QUICK);
    for (method, path, status, hint) in [
        ("GET", "/api/v1/history?target=api&sinse=1h", 400, "did you mean \"since\"?"),
        ("GET", "/api/v1/history?target=api&since=1h&since=2h", 400, "leave one of them out"),
        ("GET", "/api/v1/history", 400, "Id, pid, process name"),
        ("GET", "/api/v1/history?target=api&since=soon", 400, ""),
        ("GET", "/api/v1/targets?x=1", 400, "there are none"),
        ("GET", "/targets/1-1/debug/pprof/goroutine?debug=x", 400, ""),
        ("GET", "/targets/1-1/debug/pprof/goroutine?debug=1", 404, "GET /api/v1/targets"),
        ("GET", "/targets/%ff/debug/pprof/goroutine", 400, ""),
        ("DELETE", "/api/v1/silences/x", 400, ""),
        ("POST", "/api/v1/targets", 405, "Allow"),
        ("GET", "/api/v1/nothing", 404, "GET / lists"),
        ("GET", "/api/v1/ticks?target=1-1", 404, "GET /api/v1/targets"),
    ] {
        let (got, body) = agent.request(method, path, &[]);
        let refusal: Value = serde_json::from_slice(&body).unwrap_or_default();
        assert!(got == status && refusal["error"].is_string(), "{method} {path}: {got} {refusal}");
        assert!(refusal["hint"].as_str().unwrap_or_default().contains(hint), "{method} {path}: {refusal}");
    }
    for (kind, body, status) in [
        ("application/json", "{", "400"),
        ("application/json", "{\"matchers\":[],\"ends_unix_ms\":1,\"comment\":\"\",\"why\":1}", "422"),
        ("application/json", "{\"matchers\":[],\"ends_unix_ms\":1,\"comment\":\"\"}", "400"),
        ("text/plain", "{}", "415"),
    ] {
        let answer = posted(&agent, kind, body);
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")) && answer.contains("\"error\":"),
            "{answer}"
        );
    }
}

#[test]
fn what_is_too_large_is_refused() {
    let agent = RunningAgent::start(QUICK);
    let answer = posted(&agent, "application/json", &("{}".to_owned() + &" ".repeat(100_000)));
    assert!(answer.starts_with("HTTP/1.1 413") && answer.contains("\"error\":"), "{answer}");
    let head = format!("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX: {}\r\n\r\n", "x".repeat(200_000));
    let answer = raw(&agent.address, head.as_bytes());
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
    assert_eq!(agent.get("/healthz").0, 200);
}

#[test]
fn what_is_too_slow_is_ended() {
    let agent = RunningAgent::start(QUICK);
    let address = agent.address.as_str();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let answer = raw(address, b"GET /healthz HTTP/1.1\r\nHost: 127");
            assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408"), "{answer}");
        });
        scope.spawn(|| {
            let slow = b"POST /api/v1/silences HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\
                         Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{";
            let answer = raw(address, slow);
            assert!(answer.starts_with("HTTP/1.1 504") && answer.contains("\"error\":"), "{answer}");
        });
    });
}

#[test]
fn of_too_many_connections_the_last_waits_until_another_ends() {
    let agent = RunningAgent::start(QUICK);
    let connect = || TcpStream::connect(&agent.address).unwrap();
    let idle: Vec<TcpStream> = (0..CONNECTIONS_MAX).map(|_| connect()).collect();
    let mut late = connect();
    late.set_read_timeout(Some(PATIENCE)).unwrap();
    late.write_all(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n").unwrap();
    // Idle ones are ended by the server before it is answered: all of them are accepted before it.
    let mut answer = String::new();
    late.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let is_over = |mut stream: &TcpStream| {
        stream.set_nonblocking(true).unwrap();
        !stream.read(&mut [0; 64]).is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
    };
    assert!(idle.iter().any(is_over), "it had not to wait");
}
