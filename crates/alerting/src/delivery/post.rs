//! One POST, with limits on everything that the other side could do.
//!
//! `ureq` is used since it blocks, as threads of ours do, needs no async runtime, and takes rustls with ring and the
//! machine's own certificates. Redirects are not followed: of a POST they make a GET, which a login page answers with 200.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use ureq::Agent;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

use crate::delivery::credentials::Credentials;
use crate::error::AlertingError;
use crate::payload::Payload;
use crate::settings::SinkSettings;

/// Of an answer, no more is read.
const ANSWER_BYTES_MAX: u64 = 64 << 10;
/// A file of certificates has no more.
const CERTIFICATES_MAX: usize = 1_000;

/// What a receiver answered.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: String,
    pub(super) retry_after: Option<Duration>,
}

/// Sends requests of one sink.
pub(super) struct Poster {
    agent: Agent,
}

impl Poster {
    pub(super) fn new(settings: &SinkSettings) -> Result<Poster, AlertingError> {
        let roots = match &settings.ca_file {
            None => RootCerts::PlatformVerifier,
            Some(path) => RootCerts::from(certificates(path).map_err(|problem| {
                AlertingError::Certificates { sink: settings.name.clone(), path: path.clone(), problem }
            })?),
        };
        let tls = TlsConfig::builder()
            .root_certs(roots)
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()));
        let agent = Agent::config_builder()
            .tls_config(tls.build())
            .timeout_global(Some(Duration::from_millis(settings.timeout_ms)))
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(concat!("gostat/", env!("CARGO_PKG_VERSION")))
            // A connection that lies idle between two alerts is dead when it is needed.
            .max_idle_connections(0)
            .build();
        Ok(Poster { agent: agent.into() })
    }

    /// Posts, and reads the answer. The error is a text without secrets.
    pub(super) fn post(&self, credentials: &Credentials, payload: &Payload) -> Result<Answer, String> {
        let address = credentials.address.with(payload.path, &payload.query);
        let mut request = self.agent.post(&address).header("Content-Type", "application/json; charset=utf-8");
        for (name, value) in &payload.headers {
            request = request.header(*name, value);
        }
        if let Some(authorization) = &credentials.authorization {
            request = request.header("Authorization", authorization);
        }
        let in_words = |error: &ureq::Error| credentials.redact(&in_words(error));
        let mut answer = request.send(payload.body.as_bytes()).map_err(|error| in_words(&error))?;
        let retry_after = answer.headers().get("retry-after").and_then(|value| value.to_str().ok());
        let retry_after = retry_after.and_then(|value| parse_retry_after(value, SystemTime::now()));
        let status = answer.status().as_u16();
        let body = match answer.body_mut().with_config().limit(ANSWER_BYTES_MAX).read_to_vec() {
            Ok(body) => String::from_utf8_lossy(&body).into_owned(),
            // Much too much is no answer of any receiver that we know; the status may still be enough.
            Err(ureq::Error::BodyExceedsLimit(_)) => String::new(),
            Err(error) => return Err(in_words(&error)),
        };
        Ok(Answer { status, body: credentials.redact(&body), retry_after })
    }
}

/// A delay in seconds, or a date (RFC 9110, section 10.2.3).
fn parse_retry_after(value: &str, now: SystemTime) -> Option<Duration> {
    if let Ok(seconds) = value.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = httpdate::parse_http_date(value).ok()?;
    Some(at.duration_since(now).unwrap_or_default())
}

fn in_words(error: &ureq::Error) -> String {
    match error {
        ureq::Error::Timeout(stage) => format!("no answer in time ({stage})"),
        ureq::Error::HostNotFound => "the host name is not known".to_owned(),
        ureq::Error::ConnectionFailed => "cannot connect".to_owned(),
        // Its text is the address.
        ureq::Error::BadUri(_) => "the address is wrong".to_owned(),
        ureq::Error::Io(error) => format!("cannot talk to it: {error}"),
        other => other.to_string(),
    }
}

fn certificates(path: &Path) -> Result<Vec<Certificate<'static>>, String> {
    let text = std::fs::read(path).map_err(|error| error.to_string())?;
    let mut found = Vec::new();
    for item in parse_pem(&text).take(CERTIFICATES_MAX) {
        match item {
            Ok(PemItem::Certificate(certificate)) => found.push(certificate),
            Ok(_) => {}
            Err(error) => return Err(error.to_string()),
        }
    }
    if found.is_empty() { Err("there are none in it".to_owned()) } else { Ok(found) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_retry_after() {
        let now = httpdate::parse_http_date("Sat, 21 Nov 2026 10:00:00 GMT").unwrap();
        assert_eq!(parse_retry_after(" 120", now), Some(Duration::from_secs(120)));
        assert_eq!(parse_retry_after("Sat, 21 Nov 2026 10:00:30 GMT", now), Some(Duration::from_secs(30)));
        assert_eq!(parse_retry_after("Sat, 21 Nov 2026 09:00:00 GMT", now), Some(Duration::ZERO));
        for nonsense in ["", "-1", "soon", "99999999999999999999999"] {
            assert_eq!(parse_retry_after(nonsense, now), None);
        }
    }

    #[test]
    fn certificates_are_read_or_named() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("ca.pem");
        assert!(certificates(&file).is_err());
        std::fs::write(&file, "no certificate").unwrap();
        assert_eq!(certificates(&file).err().as_deref(), Some("there are none in it"));
    }
}
