//! What each receiver is sent, compared with files that people have read beside its public documentation.
//!
//! `GOSTAT_BLESS=1 cargo test -p alerting --test payloads` writes the files anew; read the difference before you commit it.

#![forbid(unsafe_code)]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests: what goes wrong should stop the test"
)]
#![expect(clippy::print_stderr, reason = "a skipped test must be seen")]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use alerting::*;
use serde_json::Value;

const NOW_MS: u64 = 1_795_255_500_000;

fn target(pid: u32) -> TargetTags {
    TargetTags {
        pid,
        executable: "/srv/checkout".to_owned(),
        service: Some("checkout".to_owned()),
        environment: Some("production".to_owned()),
        version: Some("2.3.1".to_owned()),
        pod: Some(format!("checkout-7f9c-{pid}")),
        node: Some("node-3".to_owned()),
        ..TargetTags::default()
    }
}

fn leak(pid: u32, function: &str, line: u32, count: u64) -> Observation {
    Observation {
        detector: "leaks",
        kind: Kind::LeakProven,
        key: CauseKey { package: Some("shop/report".to_owned()), route: Some("POST /pay".to_owned()), pool: None },
        target: target(pid),
        severity: Severity::Critical,
        sentence: "20000 goroutines started by shop/report.(*Job).run (report.go:80) can never run again: they wait to \
                   send on channels that nothing alive can reach, in shop/report.(*Job).collect (report.go:88)."
            .to_owned(),
        evidence: vec!["nothing that can run reaches what they wait for".to_owned()],
        causes: vec![Cause { function: function.to_owned(), file: "/src/shop/report/report.go".to_owned(), line, count }],
        count,
        per_minute: Some(120.4),
        fix: Some("give the channel room for every send, or select on ctx.Done() beside it".to_owned()),
    }
}

/// Has a finding fire and end, and gives what is told.
fn told(seen: &[Observation]) -> [Notice; 2] {
    let settings = FindingSettings {
        page_url: Some("https://gostat.example.com/".to_owned()),
        ..FindingSettings::default()
    };
    let mut findings = Findings::new(settings);
    let mut notices = Vec::new();
    for (n, observations) in [seen, seen, seen, &[], &[], &[]].into_iter().enumerate() {
        let judged: Vec<Judged<'_>> =
            seen.iter().map(|seen| Judged { target: seen.target.key(), detector: "leaks" }).collect();
        let at_unix_ms = NOW_MS - 300_000 + n as u64 * 60_000;
        notices.extend(findings.tick(&Tick { at_unix_ms, observations, judged: &judged, gone: &[] }));
    }
    notices.try_into().unwrap()
}

fn samples() -> [(&'static str, Notice); 4] {
    let usual = [
        leak(1, "shop/report.(*Job).collect", 88, 20_000),
        leak(1, "shop/report.(*Job).send", 131, 4_000),
        leak(2, "shop/report.(*Job).collect", 88, 1_000),
        leak(2, "shop/report.retry[...]", 17, 10),
        leak(2, "shop/report.flush", 200, 5),
    ];
    let hostile = "</font><@all> <!channel> <at id=all></at> [x](https://evil) **b** `c` &amp; \u{1b}[2J \u{202e}\n@all";
    let mut evil = leak(1, &hostile.repeat(50), 1, 7);
    evil.sentence = hostile.repeat(50);
    evil.fix = Some(hostile.to_owned());
    evil.key.route = Some(hostile.to_owned());
    evil.target.service = Some(hostile.to_owned());
    evil.target.pod = Some("读".repeat(5_000));
    let [fired, resolved] = told(&usual);
    let [evil, _] = told(&[evil]);
    let mut escalated = fired.clone();
    escalated.event = Event::Escalated { from: Severity::Warning };
    [("fired", fired), ("resolved", resolved), ("escalated", escalated), ("hostile", evil)]
}

fn sent(sink: SinkType, notice: &Notice) -> Payload {
    let labels = BTreeMap::from([("team".to_owned(), "payments".to_owned())]);
    let envelope = Envelope {
        sent_at_unix_ms: NOW_MS,
        believed_until_unix_ms: NOW_MS + 240_000,
        secret: Some("SEC000-not-a-secret"),
        labels: &labels,
    };
    payload(sink, notice, &envelope)
}

/// A request as a file: what comes with the address, headers, and the body laid out for people.
fn written(payload: &Payload) -> String {
    let body: Value = serde_json::from_str(&payload.body).unwrap();
    let mut text = format!("path: {}\n", payload.path);
    text.extend(payload.query.iter().map(|(name, value)| format!("query: {name}={value}\n")));
    text.extend(payload.headers.iter().map(|(name, value)| format!("header: {name}: {value}\n")));
    format!("{text}\n{body:#}\n")
}

#[test]
fn each_receiver_gets_what_its_documentation_asks_for() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let bless = std::env::var_os("GOSTAT_BLESS").is_some_and(|value| value == "1");
    let mut wrong = Vec::new();
    for (name, notice) in samples() {
        for sink in SinkType::ALL {
            let file = folder.join(format!("{sink}-{name}.txt"));
            let text = written(&sent(sink, &notice));
            if bless {
                std::fs::write(&file, &text).unwrap();
            } else if std::fs::read_to_string(&file).unwrap_or_default() != text {
                wrong.push(format!("{}:\n{text}", file.display()));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} payloads have changed\nhint: GOSTAT_BLESS=1 writes the files anew\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// What a receiver shows of a hostile alert must not be markup; and no request may be longer than it takes.
#[test]
fn hostile_names_are_text_and_nothing_is_too_long() {
    let [.., (_, hostile)] = samples();
    for (sink, bytes_max) in [
        (SinkType::Alertmanager, 40_000),
        (SinkType::Webhook, 40_000),
        (SinkType::Slack, 12_000),
        (SinkType::Wecom, 4_096 + 1_000),
        (SinkType::Dingtalk, 20_000),
        (SinkType::Feishu, 20_480),
        (SinkType::Pagerduty, 512_000),
    ] {
        let body = sent(sink, &hostile).body;
        assert!(body.len() <= bytes_max, "{sink}: {}", body.len());
        assert!(
            !body.contains('\u{1b}') && !body.contains('\u{202e}') && !body.contains("\\u001b"),
            "{sink}"
        );
        if matches!(sink, SinkType::Wecom | SinkType::Dingtalk | SinkType::Feishu) {
            for markup in ["<@", "<at", "</font><", "](https://evil", "&lt;@"] {
                // The titles of DingTalk and Feishu are plain text.
                let shown: Value = serde_json::from_str(&body).unwrap();
                let text = ["/markdown/content", "/markdown/text", "/card/elements/0/text/content"];
                let text = text.iter().find_map(|place| shown.pointer(place)).unwrap().as_str().unwrap();
                assert!(!text.contains(markup), "{sink} {markup}: {text}");
            }
        }
        if sink == SinkType::Slack {
            let body: Value = serde_json::from_str(&body).unwrap();
            let shown = body["blocks"][1]["text"]["text"].as_str().unwrap();
            assert!(!shown.contains("<!") && !body["text"].as_str().unwrap().contains('<'), "{shown}");
            assert!(shown.chars().count() <= 3_000);
            assert!(body["blocks"][0]["text"]["text"].as_str().unwrap().chars().count() <= 150);
        }
    }
    let body: Value = serde_json::from_str(&sent(SinkType::Wecom, &hostile).body).unwrap();
    assert!(body["markdown"]["content"].as_str().unwrap().len() <= 4_096);
}

/// The HMAC-SHA256 of a message by openssl, in hexadecimal digits; `None`, said aloud, if it is not installed.
fn openssl_hmac(key: &str, message: &str) -> Option<String> {
    use std::io::Write as _;
    let hex: String = key.bytes().map(|byte| format!("{byte:02x}")).collect();
    let mut openssl = Command::new("openssl")
        .args(["dgst", "-sha256", "-mac", "HMAC", "-macopt", &format!("hexkey:{hex}")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .inspect_err(|error| eprintln!("SKIPPED: openssl: {error}"))
        .ok()?;
    openssl.stdin.take().unwrap().write_all(message.as_bytes()).unwrap();
    let output = openssl.wait_with_output().unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    Some(text.trim().rsplit(' ').next().unwrap().to_owned())
}

/// Base64 as its alphabet says, for comparison.
fn base64(hex: &str) -> String {
    let alphabet: Vec<char> = ('A'..='Z').chain('a'..='z').chain('0'..='9').chain(['+', '/']).collect();
    let bits: String = hex.chars().map(|digit| format!("{:04b}", digit.to_digit(16).unwrap())).collect();
    let padded = format!("{bits}{}", "0".repeat((6 - bits.len() % 6) % 6));
    let mut text: String = padded
        .as_bytes()
        .chunks(6)
        .map(|six| alphabet[usize::from_str_radix(std::str::from_utf8(six).unwrap(), 2).unwrap()])
        .collect();
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    text
}

#[test]
fn signatures_are_what_openssl_makes_of_the_same() {
    let [(_, notice), ..] = samples();
    let key = "SEC000-not-a-secret";
    let webhook = sent(SinkType::Webhook, &notice);
    let header = |name: &str| webhook.headers.iter().find(|(header, _)| *header == name).unwrap().1.clone();
    let timestamp = header("X-Gostat-Timestamp");
    assert_eq!(timestamp, (NOW_MS / 1_000).to_string());
    let Some(expected) = openssl_hmac(key, &format!("{timestamp}.{}", webhook.body)) else { return };
    assert_eq!(header("X-Gostat-Signature"), format!("sha256={expected}"));

    let dingtalk = sent(SinkType::Dingtalk, &notice);
    assert_eq!(dingtalk.query[0], ("timestamp", NOW_MS.to_string()));
    let sign = base64(&openssl_hmac(key, &format!("{NOW_MS}\n{key}")).unwrap());
    assert_eq!(dingtalk.query[1].1.replace("%2B", "+").replace("%2F", "/").replace("%3D", "="), sign);

    let feishu: Value = serde_json::from_str(&sent(SinkType::Feishu, &notice).body).unwrap();
    assert_eq!(feishu["timestamp"], timestamp);
    assert_eq!(feishu["sign"], base64(&openssl_hmac(&format!("{timestamp}\n{key}"), "").unwrap()));
}

#[test]
fn without_a_secret_nothing_is_signed() {
    let [(_, notice), ..] = samples();
    let labels = BTreeMap::new();
    let envelope =
        Envelope { sent_at_unix_ms: NOW_MS, believed_until_unix_ms: NOW_MS, secret: None, labels: &labels };
    assert!(payload(SinkType::Dingtalk, &notice, &envelope).query.is_empty());
    assert!(!payload(SinkType::Feishu, &notice, &envelope).body.contains("\"sign\""));
    let headers = payload(SinkType::Webhook, &notice, &envelope).headers;
    assert!(headers.iter().all(|(name, _)| *name != "X-Gostat-Signature"));
}
