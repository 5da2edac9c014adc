//! Who may ask.

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use axum::extract::{Request, State};
use axum::http::{Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::answer::Refusal;

/// Shorter tokens can be guessed.
const TOKEN_BYTES_MIN: usize = 16;

/// Who may ask: everybody on this machine, or whoever has the token.
#[derive(Clone, Default)]
pub struct Access {
    token: Option<String>,
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Access {{ token: {} }}", if self.token.is_some() { "…" } else { "none" })
    }
}

/// Why nobody could be let in.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// Others than this machine could ask, and nothing would keep them from it.
    #[error("{listen} can be reached from other machines, and there is no token")]
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
    /// The token is not one.
    #[error("the token in {} is shorter than {TOKEN_BYTES_MIN} characters or has blanks in it", path.display())]
    Weak {
        /// The file.
        path: PathBuf,
    },
}

impl AccessError {
    /// What the user can do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            AccessError::Open { .. } => "listen on 127.0.0.1, or set http.token_file",
            AccessError::Unreadable { .. } | AccessError::Weak { .. } => {
                "make one that only the agent can read: umask 077; openssl rand -hex 32 > FILE"
            }
        }
    }
}

impl Access {
    /// Decides who may ask at `listen`.
    ///
    /// # Errors
    /// [`AccessError`] says what is missing for that to be safe.
    pub fn new(listen: SocketAddr, token_file: Option<&Path>) -> Result<Self, AccessError> {
        let Some(path) = token_file else {
            if listen.ip().is_loopback() {
                return Ok(Access::default());
            }
            return Err(AccessError::Open { listen });
        };
        let text = std::fs::read_to_string(path)
            .map_err(|cause| AccessError::Unreadable { path: path.to_owned(), cause })?;
        let token = text.trim();
        if token.len() < TOKEN_BYTES_MIN || token.contains(char::is_whitespace) {
            return Err(AccessError::Weak { path: path.to_owned() });
        }
        Ok(Access { token: Some(token.to_owned()) })
    }

    fn admits(&self, request: &Request) -> bool {
        let Some(token) = &self.token else { return true };
        let given = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        given.and_then(|given| given.strip_prefix("Bearer ")).is_some_and(|given| is_same(given, token))
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

pub(crate) async fn check(State(access): State<Access>, request: Request, next: Next) -> Response {
    // Whether it lives is no secret, and those who ask that have no token.
    let is_probe = matches!(request.uri().path(), "/healthz" | "/readyz");
    if !is_probe && !access.admits(&request) {
        return Refusal::unauthorized().into_response();
    }
    if access.token.is_none() && has_strange_host(&request) {
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
