//! Names of Go releases, as the layout table is keyed by them.

use std::{fmt, str::FromStr};

use thiserror::Error;

/// A Go 1 release: `1.23.4`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Release {
    /// The 23 of 1.23.4.
    pub minor: u16,
    /// The 4 of 1.23.4; `None` for what is not a numbered release: release candidates, betas and
    /// development versions, which come before patch 0 and share nobody's layout for sure.
    pub patch: Option<u16>,
}

/// A text that names no Go 1 release.
#[derive(Debug, Error, Clone, Copy, PartialEq, Eq)]
pub enum NameError {
    /// Expected something like `go1.23.4`.
    #[error("not the version of a Go 1 release")]
    Release,
}

impl FromStr for Release {
    type Err = NameError;

    /// Takes all forms that build info has: `go1.23.4`, `1.23.4`, `go1.25.5 X:greenteagc` (up to
    /// 1.25), `go1.26.6-X:goroutineleakprofile` (from 1.26), `go1.27rc1`, `devel go1.28-0a1b2c3`,
    /// vendors' `go1.22.2+auto` and `go1.21.13 (Red Hat 1.21.13-2)`.
    fn from_str(version: &str) -> Result<Release, NameError> {
        let development = version.starts_with("devel");
        let rest = match version.find("go1.") {
            Some(at) => version.get(at + 4..),
            None => version.strip_prefix("1."),
        };
        let (minor, rest) = leading_number(rest.ok_or(NameError::Release)?).ok_or(NameError::Release)?;
        let patch = match rest.strip_prefix('.') {
            _ if development => None,
            Some(rest) => Some(leading_number(rest).ok_or(NameError::Release)?.0),
            None if rest.starts_with("rc") || rest.starts_with("beta") => None,
            // Up to 1.20 the first release of a minor had no patch number.
            None => Some(0),
        };
        Ok(Release { minor, patch })
    }
}

fn leading_number(text: &str) -> Option<(u16, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at_checked(end)?;
    Some((digits.parse().ok()?, rest))
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.patch {
            Some(patch) => write!(f, "1.{}.{patch}", self.minor),
            None => write!(f, "1.{} (not a numbered release)", self.minor),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_version_string_is_understood() {
        let cases = [
            ("go1.27.3", 27, Some(3)),
            ("1.19.13", 19, Some(13)),
            ("go1.20", 20, Some(0)),
            ("go1.25.5 X:greenteagc", 25, Some(5)),
            ("go1.26.6-X:goroutineleakprofile", 26, Some(6)),
            ("go1.26-X:simd", 26, Some(0)),
            ("go1.22.2+auto", 22, Some(2)),
            ("go1.21.13 (Red Hat 1.21.13-2)", 21, Some(13)),
            ("go1.27rc1", 27, None),
            ("devel go1.28-0a1b2c3 Mon Jan 5 10:00:00 2026 +0000", 28, None),
        ];
        for (version, minor, patch) in cases {
            assert_eq!(version.parse(), Ok(Release { minor, patch }), "{version}");
        }
        for version in ["", "go2.1", "go1.", "go1.x", "go1.20.", "1", "go1.99999", "devel +0a1b2c3", "tinygo"]
        {
            assert_eq!(version.parse::<Release>(), Err(NameError::Release), "{version}");
        }
    }
}
