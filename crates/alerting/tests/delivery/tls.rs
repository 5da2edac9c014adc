//! Encrypted sinks: who is trusted, and that it works at all.

use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::thread;

use alerting::{SinkSettings, drill};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::server::{Answer, serve, settings, sink};

/// Makes `ca.pem`, and a certificate for 127.0.0.1 that it signed; `false`, said aloud, without openssl.
fn make_certificates(directory: &Path) -> bool {
    let made = |arguments: &str| {
        let openssl = Command::new("openssl").args(arguments.split(' ')).current_dir(directory).output();
        openssl.is_ok_and(|output| output.status.success())
    };
    std::fs::write(directory.join("san"), "subjectAltName=IP:127.0.0.1\nbasicConstraints=CA:FALSE\n")
        .unwrap();
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
    let all = made(&format!("req -x509 {key} -keyout ca.key -out ca.pem -days 2 -subj /CN=gostat-test-ca"))
        && made(&format!("req -new {key} -keyout server.key -out server.csr -subj /CN=gostat-test"))
        && made(
            "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile san -out server.pem",
        );
    if !all {
        eprintln!("SKIPPED: no certificates could be made\nhint: install openssl");
    }
    all
}

/// A server with that certificate, which takes everything.
fn start(directory: &Path) -> String {
    let chain = vec![CertificateDer::from_pem_file(directory.join("server.pem")).unwrap()];
    let key = PrivateKeyDer::from_pem_file(directory.join("server.key")).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let (config, listener) = (Arc::new(config), TcpListener::bind("127.0.0.1:0").unwrap());
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        let (sender, _requests) = std::sync::mpsc::channel();
        for stream in listener.incoming() {
            let connection = ServerConnection::new(config.clone()).unwrap();
            let mut stream = StreamOwned::new(connection, stream.unwrap());
            serve(&mut stream, &Answer::Say(200, "", "{}"), &sender);
        }
    });
    format!("https://{address}/hook")
}

#[test]
fn a_server_is_trusted_by_its_own_authority_only() {
    let directory = tempfile::tempdir().unwrap();
    if !make_certificates(directory.path()) {
        return;
    }
    let plain = sink("machine", &start(directory.path()));
    let own = SinkSettings {
        name: "own".to_owned(),
        ca_file: Some(directory.path().join("ca.pem")),
        ..plain.clone()
    };
    let reports = drill(&settings(vec![plain, own], None), None).unwrap();
    let error = reports[0].error.as_deref().unwrap();
    assert!(error.contains("certificate") && error.contains("UnknownIssuer"), "{error}");
    assert_eq!(reports[1].error, None);
}
