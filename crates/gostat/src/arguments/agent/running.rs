//! Where an agent runs, and what it wants to see of whoever asks.

use std::path::PathBuf;

use clap::Args;

/// Where an agent runs.
#[derive(Debug, Args)]
pub(crate) struct RunningAgent {
    /// Its address.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:6068")]
    pub(crate) agent: String,
    /// A file with its token, if it wants one.
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
    /// A file with authorities, PEM, of which its certificate must be [default: those of this machine].
    #[arg(long, value_name = "FILE")]
    pub(crate) ca_file: Option<PathBuf>,
    /// A file with a certificate of ours, PEM, if it wants one.
    #[arg(long, value_name = "FILE", requires = "client_key")]
    pub(crate) client_cert: Option<PathBuf>,
    /// A file with that certificate's key, PEM.
    #[arg(long, value_name = "FILE", requires = "client_cert")]
    pub(crate) client_key: Option<PathBuf>,
}
