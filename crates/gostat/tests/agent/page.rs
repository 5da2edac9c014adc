//! The page, who is let in, and every goroutine at every tick.

use std::collections::BTreeSet;
use std::net::TcpStream;
use std::process::Command;

use live_frames::Picture;
use serde_json::Value;
use target_programs::{Build, NEWEST, Program, Running, Variant};
use tungstenite::client::IntoClientRequest;
use tungstenite::http::HeaderValue;
use tungstenite::{HandshakeError, Message, WebSocket};

use crate::running_agent::{PATIENCE, QUICK, RunningAgent};

/// Listens to a target; the status of the refusal if that is refused.
fn listen(
    agent: &RunningAgent,
    id: &str,
    headers: &[(&'static str, &str)],
) -> Result<WebSocket<TcpStream>, u16> {
    let mut request =
        format!("ws://{}/api/v1/targets/{id}/live", agent.address).into_client_request().unwrap();
    for (name, value) in headers {
        request.headers_mut().insert(*name, HeaderValue::from_str(value).unwrap());
    }
    let stream = TcpStream::connect(&agent.address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    match tungstenite::client(request, stream) {
        Ok((socket, _)) => Ok(socket),
        Err(HandshakeError::Failure(tungstenite::Error::Http(answer))) => Err(answer.status().as_u16()),
        Err(error) => panic!("{error}"),
    }
}

/// The next message that is not about the connection.
fn next(socket: &mut WebSocket<TcpStream>) -> Message {
    loop {
        match socket.read().unwrap() {
            Message::Ping(_) | Message::Pong(_) => {}
            message => return message,
        }
    }
}

fn frame(socket: &mut WebSocket<TcpStream>, picture: &mut Picture) {
    let Message::Binary(frame) = next(socket) else { panic!("no frame") };
    picture.apply(&frame).unwrap();
}

/// All goroutines of the program: the runtime starts more of its own when it likes.
fn ids(picture: &Picture) -> BTreeSet<u64> {
    let is_program = |cohort: &u32| picture.cohorts.get(cohort).is_some_and(|cohort| !cohort.is_runtime);
    let rows = picture.rows.iter().filter(|row| is_program(&row.cohort));
    rows.map(|row| format!("{}", row.id).parse().unwrap()).collect()
}

/// The same as `gostat dump` lists them.
fn dumped(pid: u32) -> BTreeSet<u64> {
    let output =
        Command::new(env!("CARGO_BIN_EXE_gostat")).args(["dump", "--json", &pid.to_string()]).output();
    let dump: Value = serde_json::from_slice(&output.unwrap().stdout).unwrap();
    let all =
        dump["goroutines"].as_array().unwrap().iter().filter(|goroutine| goroutine["is_runtime"] == false);
    all.map(|goroutine| goroutine["id"].as_u64().unwrap()).collect()
}

#[test]
fn all_goroutines_come_at_once_and_then_what_changes() {
    let Some(built) = Build::amd64(Program::Many, NEWEST, Variant::Stripped).build_or_skip().unwrap() else {
        return;
    };
    let running = Running::start(&built, &["2000"]).unwrap();
    let agent = RunningAgent::start(QUICK);
    let target = agent.wait_for_target(running.pid(), |_| true);
    let id = target["id"].as_str().unwrap();
    let (mut first, mut picture) = (listen(&agent, id, &[]).unwrap(), Picture::default());
    frame(&mut first, &mut picture);
    assert_eq!(ids(&picture), dumped(running.pid()));
    let functions: BTreeSet<&str> = picture.frames.values().map(|frame| frame.function.as_str()).collect();
    assert!(functions.iter().any(|function| function.starts_with("main.")), "{functions:?}");
    frame(&mut first, &mut picture);
    // Whoever comes later gets everything first, and both go on alike.
    let (mut second, mut late) = (listen(&agent, id, &[]).unwrap(), Picture::default());
    frame(&mut second, &mut late);
    while late.head.number < picture.head.number {
        frame(&mut second, &mut late);
    }
    while picture.head.number < late.head.number {
        frame(&mut first, &mut picture);
    }
    assert_eq!((late.head, late.rows), (picture.head, picture.rows));
    drop(running);
    let reason = loop {
        if let Message::Close(close) = next(&mut first) {
            break close.unwrap().reason.to_string();
        }
    };
    assert!(reason.contains("exited") || reason.contains("ended"), "{reason}");
    assert_eq!(listen(&agent, "1-1", &[]).err(), Some(404));
}

#[test]
fn one_viewer_too_many_is_told_so_in_plain_words() {
    let Some(built) = Build::amd64(Program::Many, NEWEST, Variant::Stripped).build_or_skip().unwrap() else {
        return;
    };
    let running = Running::start(&built, &["50"]).unwrap();
    let agent = RunningAgent::start(QUICK);
    let target = agent.wait_for_target(running.pid(), |_| true);
    let id = target["id"].as_str().unwrap();
    let path = format!("/api/v1/targets/{id}/live");
    let mut viewers: Vec<_> = (0..8).map(|_| listen(&agent, id, &[]).unwrap()).collect();
    assert_eq!(listen(&agent, id, &[]).err(), Some(409));
    // Browsers do not tell a page the status of a WebSocket's refusal: it asks again without one.
    let (status, refusal) = agent.get(&path);
    let refusal: Value = serde_json::from_slice(&refusal).unwrap();
    assert!(status == 409 && refusal["error"].as_str().unwrap().contains("8"), "{status} {refusal}");
    assert_eq!(agent.get("/api/v1/targets/1-1/live").0, 404);
    // Whoever goes makes room.
    drop(viewers.pop());
    // Frames that come are what makes the agent notice.
    let there_is_room = (0..60).any(|_| {
        next(viewers.first_mut().unwrap());
        agent.get(&path).0 == 426
    });
    assert!(there_is_room);
}

#[test]
fn pages_of_others_cannot_listen() {
    let agent = RunningAgent::start(QUICK);
    let own = format!("http://{}", agent.address);
    for (origin, refused) in [("http://elsewhere.example", 403), ("null", 403), (own.as_str(), 404)] {
        assert_eq!(listen(&agent, "1-1", &[("origin", origin)]).err(), Some(refused), "{origin}");
    }
}

#[test]
fn a_browser_shows_the_token_once() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("token");
    std::fs::write(&file, "0123456789abcdef0123456789abcdef\n").unwrap();
    let agent = RunningAgent::start(&format!("{QUICK}http = {{ token_file = {file:?} }}\n"));
    let log_in = |token: &str| {
        let client: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let body = format!("{{\"token\":{token:?}}}");
        let request = client.post(format!("http://{}/api/v1/session", agent.address));
        let answer = request.header("Content-Type", "application/json").send(body).unwrap();
        let cookie = answer.headers().get("set-cookie").map(|cookie| cookie.to_str().unwrap().to_owned());
        (answer.status().as_u16(), cookie)
    };
    // The page is no secret; a build without it says so.
    assert!(matches!(agent.get("/ui/").0, 200 | 404));
    assert_eq!(agent.get("/api/v1/targets").0, 401);
    assert_eq!(log_in("0123456789abcdef0123456789abcdee"), (401, None));
    let (status, cookie) = log_in("0123456789abcdef0123456789abcdef");
    let cookie = cookie.unwrap();
    assert!(status == 204 && cookie.contains("HttpOnly; SameSite=Strict"), "{status} {cookie}");
    let pair = cookie.split(';').next().unwrap();
    assert_eq!(agent.request("GET", "/api/v1/targets", &[("Cookie", pair)]).0, 200);
    assert_eq!(listen(&agent, "1-1", &[("cookie", pair)]).err(), Some(404));
    assert_eq!(listen(&agent, "1-1", &[]).err(), Some(401));
    assert_eq!(agent.request("DELETE", "/api/v1/session", &[("Cookie", pair)]).0, 204);
    assert_eq!(agent.request("GET", "/api/v1/targets", &[("Cookie", pair)]).0, 401);
}

#[test]
fn the_page_is_served_whole_and_asks_nobody_else() {
    let agent = RunningAgent::start(QUICK);
    let (status, index) = agent.get("/ui/");
    if status == 404 {
        eprintln!("SKIPPED: this build has no page: run scripts/web-page build first");
        return;
    }
    let index = String::from_utf8(index).unwrap();
    let files = index.split('"').filter(|text| text.starts_with("/ui/"));
    let mut seen = 0;
    for file in files {
        assert_eq!(agent.get(file).0, 200, "{file}");
        seen += 1;
    }
    assert!(seen > 1, "{index}");
    // Places in the page are the page's; files that are missing are missing.
    assert_eq!(agent.get("/ui/targets/1-1/map"), (200, index.into_bytes()));
    assert_eq!(agent.get("/ui/assets/none.js").0, 404);
    let answer = ureq::get(format!("http://{}/ui/", agent.address)).call().unwrap();
    let policy = answer.headers().get("content-security-policy").unwrap().to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
}
