//! Who may ask.

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;

use axum::extract::{Request, State};
use axum::http::{Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use rustls::ServerConfig;

use crate::answer::Refusal;
use crate::routes::{PAGE, SESSION};
use crate::session::Sessions;
use crate::tls::{Tls, TlsError, TlsFiles};

/// Shorter tokens can be guessed.
const TOKEN_BYTES_MIN: usize = 16;

/// Files that say who may ask, and how. All are optional.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccessFiles {
    /// The token that requests have to bring along.
    pub token: Option<PathBuf>,
    /// Our certificate, PEM: with it only TLS is spoken.
    pub certificate: Option<PathBuf>,
    /// Its key, PEM.
    pub key: Option<PathBuf>,
    /// Authorities, PEM, of which whoever connects has to have a certificate.
    pub client_authorities: Option<PathBuf>,
}

/// Who may ask, and what is spoken: everybody on this machine, or whoever has the token, a certificate, or both if both
/// are wanted.
#[derive(Clone, Default)]
pub struct Access {
    token: Option<String>,
    tls: Option<Tls>,
    warnings: Vec<String>,
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let token = if self.token.is_some() { "…" } else { "none" };
        write!(f, "Access {{ token: {token}, tls: {} }}", self.tls.is_some())
    }
}

/// Why nobody could be let in.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// Others than this machine could ask, and nothing would keep them from it.
    #[error(
        "{listen} can be reached from other machines, and neither a token nor a certificate is wanted of them"
    )]
    Open {
        /// The address.
        listen: SocketAddr,
    },
    /// The file with the token cannot be read.
    #[error("cannot read the token in {}: {cause}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        cause: std::io::Error,
    },
    /// The token is none, or could be guessed.
    #[error("the token in {} is shorter than {TOKEN_BYTES_MIN} bytes, or no single word", path.display())]
    Weak {
        /// The file.
        path: PathBuf,
    },
    /// One key of the configuration makes no sense without another.
    #[error("http.{there} is set, and http.{missing} is not")]
    Incomplete {
        /// The key that is there.
        there: &'static str,
        /// The one that is not.
        missing: &'static str,
    },
    /// Certificates or keys cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

impl AccessError {
    /// What the user can do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            AccessError::Open { .. } => {
                "listen on 127.0.0.1, or set http.token_file, or http.client_ca_file for TLS"
            }
            AccessError::Unreadable { .. } | AccessError::Weak { .. } => {
                "make one that only the agent can read: umask 077; openssl rand -hex 32 > FILE"
            }
            AccessError::Incomplete { .. } => "TLS needs http.tls_cert_file and http.tls_key_file",
            AccessError::Tls(error) => error.hint(),
        }
    }
}

impl Access {
    /// Decides who may ask at `listen`. `now` is for certificates.
    ///
    /// # Errors
    /// [`AccessError`] says what is missing for that to be safe, or wrong with a file.
    pub fn new(listen: SocketAddr, files: &AccessFiles, now: SystemTime) -> Result<Self, AccessError> {
        let token = files.token.as_deref().map(token).transpose()?;
        let tls = tls_files(files)?.map(|files| Tls::read(&files, now)).transpose()?;
        let asks_for_certificates = tls.as_ref().is_some_and(|tls| tls.asks_for_certificates);
        let elsewhere = !listen.ip().is_loopback();
        if elsewhere && token.is_none() && !asks_for_certificates {
            return Err(AccessError::Open { listen });
        }
        let mut warnings = Vec::new();
        if elsewhere && tls.is_none() {
            warnings.push(
                "the token and all answers can be read on their way: set http.tls_cert_file".to_owned(),
            );
        }
        if let Some(days) = tls.as_ref().and_then(|tls| tls.ends_in_days) {
            warnings.push(format!("the certificate in http.tls_cert_file ends in {days} days"));
        }
        Ok(Access { token, tls, warnings })
    }

    /// What is allowed, but not good.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// How to encrypt, if at all.
    pub(crate) fn tls(&self) -> Option<Arc<ServerConfig>> {
        self.tls.as_ref().map(|tls| Arc::clone(&tls.config))
    }

    fn admits(&self, request: &Request) -> bool {
        let given = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        self.token.is_none()
            || given.and_then(|given| given.strip_prefix("Bearer ")).is_some_and(|given| self.knows(given))
    }

    /// Whether this is the token; any text is, where none is wanted.
    pub(crate) fn knows(&self, given: &str) -> bool {
        self.token.as_ref().is_none_or(|token| is_same(given, token))
    }

    /// Whether a page of others could make a browser ask us, by a name of theirs that leads here. With TLS the name would
    /// not be that of our certificate.
    fn can_be_rebound(&self) -> bool {
        self.token.is_none() && self.tls.is_none()
    }
}

fn token(path: &Path) -> Result<String, AccessError> {
    let text = std::fs::read_to_string(path)
        .map_err(|cause| AccessError::Unreadable { path: path.to_owned(), cause })?;
    let token = text.trim();
    if token.len() < TOKEN_BYTES_MIN || token.contains(char::is_whitespace) {
        return Err(AccessError::Weak { path: path.to_owned() });
    }
    Ok(token.to_owned())
}

/// Either both certificate and key, or nothing.
fn tls_files(files: &AccessFiles) -> Result<Option<TlsFiles<'_>>, AccessError> {
    let client_authorities = files.client_authorities.as_deref();
    let incomplete = |there, missing| Err(AccessError::Incomplete { there, missing });
    match (files.certificate.as_deref(), files.key.as_deref()) {
        (Some(certificate), Some(key)) => Ok(Some(TlsFiles { certificate, key, client_authorities })),
        (Some(_), None) => incomplete("tls_cert_file", "tls_key_file"),
        (None, Some(_)) => incomplete("tls_key_file", "tls_cert_file"),
        (None, None) if client_authorities.is_some() => incomplete("client_ca_file", "tls_cert_file"),
        (None, None) => Ok(None),
    }
}

/// Compares in a time that does not tell how much of it was right.
fn is_same(given: &str, token: &str) -> bool {
    let differences = given.bytes().zip(token.bytes()).fold(0, |all, (a, b)| all | (a ^ b));
    given.len() == token.len() && differences == 0
}

/// Whether a page of another origin may have made a browser send this: such requests change nothing here.
fn is_of_another_origin(request: &Request) -> bool {
    let header =
        |name| request.headers().get(name).and_then(|value: &header::HeaderValue| value.to_str().ok());
    let site = header(header::HeaderName::from_static("sec-fetch-site"));
    match (site, header(header::ORIGIN), header(header::HOST)) {
        (Some(site), ..) => !matches!(site, "same-origin" | "none"),
        (None, Some(origin), Some(host)) => origin.split_once("://").is_none_or(|(_, of)| of != host),
        (None, Some(_), None) => true,
        (None, None, _) => false,
    }
}

/// Whether a name was used for this machine that a page of others could have made lead to it (DNS rebinding).
fn has_strange_host(request: &Request) -> bool {
    let host = request.headers().get(header::HOST).and_then(|value| value.to_str().ok());
    let Some(host) = host else { return false };
    let name = host.rsplit_once(':').map_or(host, |(name, port)| {
        if port.bytes().all(|byte| byte.is_ascii_digit()) { name } else { host }
    });
    let address = name.trim_start_matches('[').trim_end_matches(']');
    name != "localhost" && address.parse::<std::net::IpAddr>().is_err()
}

/// Who may ask now: another answer after the configuration was read again.
#[derive(Clone, Default)]
pub(crate) struct Doorkeeper {
    access: Arc<RwLock<Arc<Access>>>,
    sessions: Sessions,
}

impl Doorkeeper {
    pub(crate) fn new(access: Access) -> Self {
        Doorkeeper { access: Arc::new(RwLock::new(Arc::new(access))), sessions: Sessions::default() }
    }

    pub(crate) fn now(&self) -> Arc<Access> {
        Arc::clone(&self.access.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn set(&self, access: Access) {
        let mut now = self.access.write().unwrap_or_else(PoisonError::into_inner);
        if now.token != access.token {
            // Who had the old one has to show the new one.
            self.sessions.clear();
        }
        *now = Arc::new(access);
    }

    pub(crate) fn sessions(&self) -> &Sessions {
        &self.sessions
    }
}

pub(crate) async fn check(State(doorkeeper): State<Doorkeeper>, request: Request, next: Next) -> Response {
    let access = doorkeeper.now();
    // Whether it lives is no secret, nor is the page as long as it is empty: those who ask for these have no token yet.
    let path = request.uri().path();
    let is_open = matches!(path, "/healthz" | "/readyz" | "/ui" | SESSION) || path.starts_with(PAGE);
    if !is_open && !access.admits(&request) && !doorkeeper.sessions.admits(request.headers()) {
        return Refusal::unauthorized().into_response();
    }
    if access.can_be_rebound() && has_strange_host(&request) {
        return Refusal::forbidden("this name is not one of this machine's addresses").into_response();
    }
    // What comes over a WebSocket is read by whichever page has opened it, unlike other answers.
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS)
        && !request.headers().contains_key(header::UPGRADE);
    if !reads && is_of_another_origin(&request) {
        return Refusal::forbidden("requests of other origins change nothing").into_response();
    }
    next.run(request).await
}
