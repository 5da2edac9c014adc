//! TLS, with certificates made here: who gets in, who does not, and what is wrong with files.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;

use nix::sys::signal::Signal;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};

use crate::running_agent::{PATIENCE, QUICK, RunningAgent, configure};

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority() -> Authority {
    let mut parameters = CertificateParams::new(Vec::new()).unwrap();
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(parameters, KeyPair::generate().unwrap()).unwrap()
}

/// Writes a certificate for this machine and its key.
fn issue(authority: &Authority, directory: &Path, name: &str, until: i32) -> (PathBuf, PathBuf) {
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let mut parameters = CertificateParams::new(names).unwrap();
    parameters.not_after = date_time_ymd(until, 1, 1);
    let key = KeyPair::generate().unwrap();
    let certificate = parameters.signed_by(&key, authority).unwrap();
    let (file, key_file) = (directory.join(format!("{name}.crt")), directory.join(format!("{name}.key")));
    std::fs::write(&file, certificate.pem()).unwrap();
    std::fs::write(&key_file, key.serialize_pem()).unwrap();
    (file, key_file)
}

struct Files {
    directory: tempfile::TempDir,
    ours: Authority,
    ca: PathBuf,
    server: (PathBuf, PathBuf),
}

fn files() -> Files {
    let directory = tempfile::tempdir().unwrap();
    let ours = authority();
    let ca = directory.path().join("ca.crt");
    std::fs::write(&ca, ours.pem()).unwrap();
    let server = issue(&ours, directory.path(), "server", 4000);
    Files { directory, ours, ca, server }
}

impl Files {
    fn http(&self, more: &str) -> String {
        let (certificate, key) = &self.server;
        format!("http = {{ tls_cert_file = {certificate:?}, tls_key_file = {key:?}{more} }}\n")
    }
}

/// Lists targets over TLS.
fn targets(agent: &RunningAgent, options: &[&Path]) -> (bool, String) {
    let names = ["--ca-file", "--client-cert", "--client-key"];
    let output = Command::new(env!("CARGO_BIN_EXE_gostat"))
        .args(["agent", "targets", "--json", "--agent", &format!("https://{}", agent.address)])
        .args(names.iter().zip(options).flat_map(|(name, file)| [Path::new(name), file]))
        .output()
        .unwrap();
    let text =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output.status.success(), text)
}

#[test]
fn whoever_has_a_certificate_of_ours_gets_in_and_nobody_else() {
    let files = files();
    let agent =
        RunningAgent::start(&format!("{QUICK}{}", files.http(&format!(", client_ca_file = {:?}", files.ca))));
    let client = issue(&files.ours, files.directory.path(), "client", 4000);
    let (good, said) = targets(&agent, &[&files.ca, &client.0, &client.1]);
    assert!(good && said.contains("\"targets\""), "{said}");
    let (good, said) = targets(&agent, &[&files.ca]);
    assert!(!good && said.contains("hint: is one running? --ca-file"), "{said}");
    let stranger = issue(&authority(), files.directory.path(), "stranger", 4000);
    let (good, said) = targets(&agent, &[&files.ca, &stranger.0, &stranger.1]);
    assert!(!good && said.contains("hint: "), "{said}");
    // Our side asks who the other one is, too.
    let (good, said) = targets(&agent, &[&stranger.0, &client.0, &client.1]);
    assert!(!good && said.contains("hint: is one running? --ca-file"), "{said}");
    let (good, said) = targets(&agent, &[]);
    assert!(!good && said.contains("hint: "), "{said}");
}

#[test]
fn plain_http_is_told_to_speak_tls_and_silence_ends() {
    let files = files();
    let agent = RunningAgent::start(&format!("{QUICK}{}", files.http("")));
    let (status, said) = agent.get("/api/v1/targets");
    let said = String::from_utf8(said).unwrap();
    assert!(status == 400 && said.contains("https://"), "{status} {said}");
    // One that begins a handshake and does not go on, and one that says nothing at all.
    for begun in [&[22_u8, 3, 1][..], &[]] {
        let mut stream = TcpStream::connect(&agent.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(begun).unwrap();
        let ended = stream.read(&mut [0; 64]);
        assert!(matches!(ended, Ok(0) | Err(_)), "{ended:?}");
        assert!(
            !ended.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock),
            "it was not ended"
        );
    }
    assert!(targets(&agent, &[&files.ca]).0);
}

#[test]
fn a_renewed_certificate_is_used_after_a_reload_and_a_wrong_one_is_not() {
    let files = files();
    let agent = RunningAgent::start(&format!("{QUICK}{}", files.http("")));
    assert!(targets(&agent, &[&files.ca]).0);
    let other = authority();
    issue(&other, files.directory.path(), "server", 4000);
    let other_ca = files.directory.path().join("other.crt");
    std::fs::write(&other_ca, other.pem()).unwrap();
    agent.signal(Signal::SIGHUP);
    agent.wait_for_line("configuration read again");
    assert!(targets(&agent, &[&other_ca]).0 && !targets(&agent, &[&files.ca]).0);
    std::fs::write(&files.server.1, KeyPair::generate().unwrap().serialize_pem()).unwrap();
    agent.signal(Signal::SIGHUP);
    let line = agent.wait_for_line("stay as they were");
    assert!(line.contains("is not that of the certificate"), "{line}");
    assert!(targets(&agent, &[&other_ca]).0);
}

#[test]
fn what_is_wrong_with_files_is_said_by_the_check_and_at_the_start() {
    let files = files();
    let directory = files.directory.path();
    let ended = issue(&files.ours, directory, "ended", 2020);
    let other = issue(&files.ours, directory, "other", 4000);
    let empty = directory.join("empty");
    std::fs::write(&empty, "nothing\n").unwrap();
    let (certificate, key) = &files.server;
    let nowhere = directory.join("nowhere");
    for (http, said) in [
        (
            format!("tls_cert_file = {certificate:?}, tls_key_file = {:?}", other.1),
            "is not that of the certificate",
        ),
        (format!("tls_cert_file = {:?}, tls_key_file = {:?}", ended.0, ended.1), "days ago"),
        (format!("tls_cert_file = {certificate:?}, tls_key_file = {nowhere:?}"), "cannot read"),
        (format!("tls_cert_file = {empty:?}, tls_key_file = {key:?}"), "there is no certificate"),
        (format!("tls_cert_file = {certificate:?}, tls_key_file = {empty:?}"), "there is no private key"),
        (format!("tls_cert_file = {certificate:?}"), "http.tls_key_file is not"),
        (format!("client_ca_file = {certificate:?}"), "http.tls_cert_file is not"),
        (
            format!("tls_cert_file = {certificate:?}, tls_key_file = {key:?}, client_ca_file = {empty:?}"),
            "there is no certificate",
        ),
    ] {
        configure(directory, &format!("listen = \"127.0.0.1:0\"\nhttp = {{ {http} }}\n"));
        let file = directory.join("agent.toml");
        for arguments in [["agent", "check"], ["agent", "--config"]] {
            let output =
                Command::new(env!("CARGO_BIN_EXE_gostat")).args(arguments).arg(&file).output().unwrap();
            let text = String::from_utf8(output.stderr).unwrap();
            assert!(output.status.code() == Some(2) && text.contains(said), "{http}: {text}");
            assert!(text.contains("hint: "), "{http}: {text}");
        }
    }
}

#[test]
fn other_machines_need_a_token_or_a_certificate_and_a_plain_token_is_warned_of() {
    let files = files();
    let everywhere = QUICK.replace("127.0.0.1:0", "0.0.0.0:0");
    let token = files.directory.path().join("token");
    std::fs::write(&token, "0123456789abcdef0123456789abcdef").unwrap();
    let check = |http: &str| {
        configure(files.directory.path(), &format!("{everywhere}{http}"));
        let file = files.directory.path().join("agent.toml");
        Command::new(env!("CARGO_BIN_EXE_gostat")).args(["agent", "check"]).arg(file).output().unwrap()
    };
    // TLS alone lets everybody in.
    assert_eq!(check(&files.http("")).status.code(), Some(2));
    assert_eq!(check(&files.http(&format!(", client_ca_file = {:?}", files.ca))).status.code(), Some(0));
    assert_eq!(check(&files.http(&format!(", token_file = {token:?}"))).status.code(), Some(0));
    let directory = tempfile::tempdir().unwrap();
    configure(directory.path(), &format!("{everywhere}http = {{ token_file = {token:?} }}\n"));
    let mut child =
        crate::running_agent::command(directory.path()).stderr(std::process::Stdio::piped()).spawn().unwrap();
    let output = std::io::BufReader::new(child.stderr.take().unwrap());
    let mut lines = std::io::BufRead::lines(output).map_while(Result::ok);
    let warned = lines.any(|line| line.contains("can be read on their way"));
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(warned);
}
