//! TLS: certificates and keys from files, and what is wrong with them before anybody connects.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use webpki::{EndEntityCert, KeyUsage};

/// Files of certificates and keys are smaller.
const FILE_BYTES_MAX: u64 = 1 << 20;
/// A certificate that ends so soon is worth a warning.
const ENDS_SOON: Duration = Duration::from_secs(14 * 24 * 3600);

/// Where the parts of TLS are, all in PEM.
#[derive(Debug, Clone)]
pub(crate) struct TlsFiles<'f> {
    /// Our certificate, and those between it and a root.
    pub(crate) certificate: &'f Path,
    /// Its key.
    pub(crate) key: &'f Path,
    /// Whose certificates let in; nobody is asked for one otherwise.
    pub(crate) client_authorities: Option<&'f Path>,
}

/// What connections are encrypted with.
#[derive(Clone)]
pub(crate) struct Tls {
    pub(crate) config: Arc<ServerConfig>,
    /// Whether whoever connects has to have a certificate.
    pub(crate) asks_for_certificates: bool,
    /// Days until our certificate ends, if they are few.
    pub(crate) ends_in_days: Option<u64>,
}

/// Why TLS cannot be spoken with these files.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("cannot read {}: {cause}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        cause: io::Error,
    },
    /// There is nothing of the kind in it.
    #[error("there is no {wanted} in {}", path.display())]
    Nothing {
        /// The file.
        path: PathBuf,
        /// What is looked for.
        wanted: &'static str,
    },
    /// What is in it is damaged.
    #[error("{} cannot be understood: {problem}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// A certificate whose time is over.
    #[error("the certificate in {} ended {days} days ago", path.display())]
    Ended {
        /// The file.
        path: PathBuf,
        /// How long ago, days.
        days: u64,
    },
    /// A certificate whose time has not come.
    #[error("the certificate in {} begins in {days} days", path.display())]
    NotYet {
        /// The file.
        path: PathBuf,
        /// In how many days.
        days: u64,
    },
    /// Key and certificate do not belong together.
    #[error("the key in {} is not that of the certificate in {}", key.display(), certificate.display())]
    Mismatch {
        /// The file with the key.
        key: PathBuf,
        /// The file with the certificate.
        certificate: PathBuf,
    },
    /// Something else that rustls does not take.
    #[error("{} and {} cannot be used: {problem}", certificate.display(), key.display())]
    Unusable {
        /// The file with the certificate.
        certificate: PathBuf,
        /// The file with the key.
        key: PathBuf,
        /// What is wrong.
        problem: String,
    },
}

impl TlsError {
    /// What the user can do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            TlsError::Unreadable { .. } => "the agent's user has to be able to read it",
            TlsError::Nothing { .. } | TlsError::Damaged { .. } => {
                "PEM is wanted: text with -----BEGIN CERTIFICATE-----, or -----BEGIN PRIVATE KEY-----"
            }
            TlsError::Ended { .. } => "renew it; after SIGHUP a running agent uses the new one",
            TlsError::NotYet { .. } => "look at the machine's clock, or wait",
            TlsError::Mismatch { .. } => {
                "name the two files that were made together, the agent's own certificate first"
            }
            TlsError::Unusable { .. } => {
                "a certificate for servers (X.509 v3) with an RSA, ECDSA or Ed25519 key is wanted"
            }
        }
    }
}

impl Tls {
    /// Reads everything, and tries it.
    pub(crate) fn read(files: &TlsFiles<'_>, now: SystemTime) -> Result<Tls, TlsError> {
        let chain = certificates(files.certificate)?;
        let key = private_key(files.key)?;
        let now = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        for certificate in &chain {
            in_its_time(certificate, files.certificate, now)?;
        }
        let soon =
            chain.iter().map(|certificate| in_its_time(certificate, files.certificate, now + ENDS_SOON));
        let ends_soon = soon.filter_map(Result::err).any(|error| matches!(error, TlsError::Ended { .. }));
        let ends_in_days = ends_soon.then(|| days_left(&chain, files.certificate, now));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let unusable = |error: &dyn std::fmt::Display| TlsError::Unusable {
            certificate: files.certificate.to_owned(),
            key: files.key.to_owned(),
            problem: error.to_string(),
        };
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| unusable(&error))?;
        let builder = match files.client_authorities {
            None => builder.with_no_client_auth(),
            Some(path) => {
                let roots = Arc::new(authorities(path, now)?);
                let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider).build();
                builder.with_client_cert_verifier(verifier.map_err(|error| unusable(&error))?)
            }
        };
        let mut config = builder.with_single_cert(chain, key).map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => {
                TlsError::Mismatch { key: files.key.to_owned(), certificate: files.certificate.to_owned() }
            }
            error => unusable(&error),
        })?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let asks_for_certificates = files.client_authorities.is_some();
        Ok(Tls { config: Arc::new(config), asks_for_certificates, ends_in_days })
    }
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    let unreadable = |cause| TlsError::Unreadable { path: path.to_owned(), cause };
    let size = fs::metadata(path).map_err(unreadable)?.len();
    if size > FILE_BYTES_MAX {
        return Err(TlsError::Damaged { path: path.to_owned(), problem: format!("it has {size} bytes") });
    }
    fs::read(path).map_err(unreadable)
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&read(path)?).collect();
    let damaged = |problem: String| TlsError::Damaged { path: path.to_owned(), problem };
    let found = found.map_err(|error| damaged(error.to_string()))?;
    if found.is_empty() {
        return Err(TlsError::Nothing { path: path.to_owned(), wanted: "certificate" });
    }
    for certificate in &found {
        EndEntityCert::try_from(certificate).map_err(|error| damaged(error.to_string()))?;
    }
    Ok(found)
}

fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    use rustls::pki_types::pem::Error;
    PrivateKeyDer::from_pem_slice(&read(path)?).map_err(|error| match error {
        Error::NoItemsFound => TlsError::Nothing { path: path.to_owned(), wanted: "private key" },
        error => TlsError::Damaged { path: path.to_owned(), problem: error.to_string() },
    })
}

fn authorities(path: &Path, now: Duration) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(path)? {
        in_its_time(&certificate, path, now)?;
        let damaged =
            |error: rustls::Error| TlsError::Damaged { path: path.to_owned(), problem: error.to_string() };
        roots.add(certificate).map_err(damaged)?;
    }
    Ok(roots)
}

/// Whether a certificate is of this time. webpki looks at that before it looks for an issuer, of which there is none here.
fn in_its_time(certificate: &CertificateDer<'_>, path: &Path, now: Duration) -> Result<(), TlsError> {
    let Ok(parsed) = EndEntityCert::try_from(certificate) else { return Ok(()) };
    let time = UnixTime::since_unix_epoch(now);
    let days = |from: UnixTime, to: UnixTime| to.as_secs().saturating_sub(from.as_secs()) / (24 * 3600);
    match parsed.verify_for_usage(&[], &[], &[], time, KeyUsage::server_auth(), None, None) {
        Err(webpki::Error::CertExpired { not_after, .. }) => {
            Err(TlsError::Ended { path: path.to_owned(), days: days(not_after, time) })
        }
        Err(webpki::Error::CertNotValidYet { not_before, .. }) => {
            Err(TlsError::NotYet { path: path.to_owned(), days: days(time, not_before) })
        }
        _ => Ok(()),
    }
}

/// Days until the first of the certificates ends.
fn days_left(chain: &[CertificateDer<'_>], path: &Path, now: Duration) -> u64 {
    let day = Duration::from_secs(24 * 3600);
    let days = (0..=ENDS_SOON.as_secs() / day.as_secs()).take_while(|days| {
        let then = now + day.saturating_mul(u32::try_from(*days).unwrap_or(u32::MAX));
        chain.iter().all(|certificate| in_its_time(certificate, path, then).is_ok())
    });
    days.last().unwrap_or(0)
}
