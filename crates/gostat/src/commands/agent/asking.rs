//! Asking a running agent: plainly, or by TLS.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use ureq::tls::{Certificate, ClientCert, PemItem, PrivateKey, RootCerts, TlsConfig, parse_pem};

use crate::arguments::RunningAgent;

/// An agent that takes longer does not answer.
const ANSWERED_IN: Duration = Duration::from_secs(30);

/// Why a running agent did not answer as wanted.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AgentError {
    #[error("no agent answers at {agent}: {cause}")]
    Silent { agent: String, cause: Box<ureq::Error> },
    #[error("the agent at {agent} says: {error}")]
    Refused { agent: String, error: String, hint: Option<String> },
    #[error("cannot read the token in {}", path.display())]
    Token {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("cannot use {}: {problem}", path.display())]
    Certificate { path: PathBuf, problem: String },
    #[error("--ca-file and --client-cert are for https://, and {agent} is not")]
    NotEncrypted { agent: String },
    #[error("the agent at {agent} has no target {target}")]
    NoSuchTarget { agent: String, target: String },
}

impl AgentError {
    /// What the user can do about it, if anything.
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            AgentError::Silent { agent, .. } if agent.starts_with("https://") => Some(
                "is one running? --ca-file names who signed its certificate, --client-cert the one that it may want"
                    .to_owned(),
            ),
            AgentError::Silent { agent, .. } if !agent.contains("://") => {
                Some(format!("--agent takes a URL: http://{agent}"))
            }
            AgentError::Silent { .. } => Some(
                "is one running? --agent URL says where, --token-file what it wants to be told".to_owned(),
            ),
            AgentError::Certificate { .. } => {
                Some("PEM is wanted: text with -----BEGIN CERTIFICATE-----, or -----BEGIN PRIVATE KEY-----".to_owned())
            }
            AgentError::NotEncrypted { .. } => Some("ask https://…, or leave them out".to_owned()),
            AgentError::Refused { hint, .. } => hint.clone(),
            AgentError::NoSuchTarget { .. } => Some("gostat agent targets lists them".to_owned()),
            AgentError::Token { .. } => None,
        }
    }
}

/// Sends one request, with JSON if there is something to say.
pub(super) fn ask(
    running: &RunningAgent,
    method: &str,
    path: &str,
    body: Option<&Value>,
) -> Result<Value, AgentError> {
    let agent = running.agent.trim_end_matches('/').to_owned();
    let silent = |cause: ureq::Error| AgentError::Silent { agent: agent.clone(), cause: Box::new(cause) };
    let client: ureq::Agent = ureq::Agent::config_builder()
        .tls_config(tls(running)?)
        .timeout_global(Some(ANSWERED_IN))
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .build()
        .into();
    let mut request = ureq::http::Request::builder().method(method).uri(format!("{agent}{path}"));
    if let Some(path) = &running.token_file {
        let token = std::fs::read_to_string(path)
            .map_err(|source| AgentError::Token { path: path.clone(), source })?;
        request = request.header("Authorization", format!("Bearer {}", token.trim()));
    }
    let answer = match body {
        None => client.run(request.body(()).map_err(|error| silent(error.into()))?),
        Some(body) => {
            let request = request.header("Content-Type", "application/json").body(body.to_string());
            client.run(request.map_err(|error| silent(error.into()))?)
        }
    };
    let mut response = answer.map_err(silent)?;
    let body = response.body_mut().read_to_string().map_err(silent)?;
    let answer: Value = serde_json::from_str(&body).unwrap_or_default();
    if response.status().is_success() {
        return Ok(answer);
    }
    let said = |key: &str| answer.get(key).and_then(Value::as_str).map(str::to_owned);
    let error = said("error").unwrap_or_else(|| response.status().to_string());
    Err(AgentError::Refused { agent, error, hint: said("hint") })
}

fn tls(running: &RunningAgent) -> Result<TlsConfig, AgentError> {
    let RunningAgent { agent, ca_file, client_cert, client_key, .. } = running;
    if !agent.starts_with("https://") && (ca_file.is_some() || client_cert.is_some()) {
        return Err(AgentError::NotEncrypted { agent: agent.clone() });
    }
    let roots = match ca_file {
        None => RootCerts::PlatformVerifier,
        Some(path) => RootCerts::from(certificates(path)?),
    };
    let client = match (client_cert, client_key) {
        (Some(certificate), Some(key)) => {
            Some(ClientCert::new_with_certs(&certificates(certificate)?, private_key(key)?))
        }
        _ => None,
    };
    let tls = TlsConfig::builder().root_certs(roots).client_cert(client);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    Ok(tls.unversioned_rustls_crypto_provider(provider).build())
}

fn unusable(path: &Path, problem: impl ToString) -> AgentError {
    AgentError::Certificate { path: path.to_owned(), problem: problem.to_string() }
}

fn certificates(path: &Path) -> Result<Vec<Certificate<'static>>, AgentError> {
    let text = std::fs::read(path).map_err(|error| unusable(path, error))?;
    let mut found = Vec::new();
    for item in parse_pem(&text) {
        if let PemItem::Certificate(certificate) = item.map_err(|error| unusable(path, error))? {
            found.push(certificate);
        }
    }
    if found.is_empty() { Err(unusable(path, "there is no certificate in it")) } else { Ok(found) }
}

fn private_key(path: &Path) -> Result<PrivateKey<'static>, AgentError> {
    let text = std::fs::read(path).map_err(|error| unusable(path, error))?;
    PrivateKey::from_pem(&text).map_err(|error| unusable(path, error))
}
