//! Addresses, which may hold secrets and are never shown whole.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};
use ureq::http::Uri;

use crate::error::AlertingError;

/// The address of a receiver. `Debug` and `Display` show no more than its scheme and host.
#[derive(Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Address(String);

impl Address {
    /// An address as users write it.
    pub fn new(text: &str) -> Address {
        Address(text.trim().to_owned())
    }

    /// Refuses what is no address of a web server.
    pub(crate) fn check(&self, sink: &str) -> Result<(), AlertingError> {
        let uri = self.uri().filter(|uri| matches!(uri.scheme_str(), Some("http" | "https")));
        let authority = uri.as_ref().and_then(Uri::authority);
        match authority
            .is_some_and(|authority| !authority.as_str().contains('@') && !authority.host().is_empty())
        {
            true => Ok(()),
            false => Err(AlertingError::Address { sink: sink.to_owned() }),
        }
    }

    /// With a path and parameters added.
    pub(super) fn with(&self, path: &str, parameters: &[(&'static str, String)]) -> String {
        let (base, query) =
            self.0.split_once('?').map_or((self.0.as_str(), None), |(base, query)| (base, Some(query)));
        let mut address = base.to_owned();
        if !path.is_empty() && !base.ends_with(path) {
            address = base.trim_end_matches('/').to_owned() + path;
        }
        let added = parameters.iter().map(|(name, value)| format!("{name}={value}"));
        let all: Vec<String> = query.map(str::to_owned).into_iter().chain(added).collect();
        if all.is_empty() { address } else { format!("{address}?{}", all.join("&")) }
    }

    /// The parts of it that must not be shown: what is behind the host, whole and in pieces.
    pub(super) fn secret_parts(&self) -> Vec<String> {
        let behind = self.uri().and_then(|uri| uri.path_and_query().map(|behind| behind.as_str().to_owned()));
        let behind = behind.unwrap_or_else(|| self.0.clone());
        let pieces = behind.split(['/', '?', '&', '=']).filter(|piece| piece.len() >= 8).map(str::to_owned);
        let whole = std::iter::once(behind.clone()).filter(|behind| behind.len() > 1);
        whole.chain(pieces).collect()
    }

    fn uri(&self) -> Option<Uri> {
        self.0.parse().ok()
    }
}

/// As it is shown: not whole.
impl Serialize for Address {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let uri = self.uri();
        let shown = uri.as_ref().and_then(|uri| Some((uri.scheme_str()?, uri.host()?)));
        match shown {
            Some((scheme, host)) => write!(f, "{scheme}://{host}/…"),
            None => f.write_str("…"),
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_scheme_and_host_are_shown() {
        let slack = Address::new("https://hooks.slack.com/services/T000/B000/XXXXSECRET\n");
        assert_eq!(format!("{slack} {slack:?}"), "https://hooks.slack.com/… https://hooks.slack.com/…");
        assert_eq!(Address::new("https://user:pw@host/x").to_string(), "https://host/…");
        assert_eq!(Address::new("secret").to_string(), "…");
        assert!(slack.secret_parts().contains(&"XXXXSECRET".to_owned()));
    }

    #[test]
    fn paths_and_parameters_are_added() {
        let alertmanager = Address::new("http://am:9093/prefix/");
        assert_eq!(alertmanager.with("/api/v2/alerts", &[]), "http://am:9093/prefix/api/v2/alerts");
        let whole = Address::new("http://am:9093/api/v2/alerts");
        assert_eq!(whole.with("/api/v2/alerts", &[]), "http://am:9093/api/v2/alerts");
        let robot = Address::new("https://oapi.dingtalk.com/robot/send?access_token=x");
        let signed = robot.with("", &[("timestamp", "1".to_owned()), ("sign", "a%3D".to_owned())]);
        assert_eq!(signed, "https://oapi.dingtalk.com/robot/send?access_token=x&timestamp=1&sign=a%3D");
    }

    #[test]
    fn what_is_no_address_is_refused_without_being_shown() {
        for wrong in [
            "",
            "hooks.slack.com/x",
            "ftp://host/x",
            "https://user:secretpw@host/",
            "http:///x",
            "/etc/secret",
        ] {
            let error = Address::new(wrong).check("team").unwrap_err().to_string();
            assert!(!error.contains("secret") || error.contains("may hold a secret"), "{error}");
            assert!(!error.contains("secretpw"));
        }
        Address::new("http://127.0.0.1:9093").check("am").unwrap();
    }
}
