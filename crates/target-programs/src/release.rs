//! Go releases by number.

use std::fmt;
use std::path::PathBuf;
use std::process::Command;
use std::str::FromStr;

use crate::build_cache;
use crate::error::TargetError;

/// A release of Go 1: its minor and patch numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GoRelease {
    /// 23 in 1.23.4.
    pub minor: u32,
    /// 4 in 1.23.4.
    pub patch: u32,
}

impl GoRelease {
    /// Go 1.`minor`.`patch`.
    pub const fn new(minor: u32, patch: u32) -> Self {
        GoRelease { minor, patch }
    }

    /// Its GOROOT on this machine, fetched by `scripts/go-toolchain` if need be.
    ///
    /// # Errors
    /// When it cannot be had.
    pub fn goroot(self) -> Result<PathBuf, TargetError> {
        let tool = build_cache::repository().join("scripts/go-toolchain");
        let output = Command::new(&tool)
            .arg(self.to_string())
            .output()
            .map_err(|cause| TargetError::Tool { tool: tool.clone(), cause })?;
        if !output.status.success() {
            let messages = String::from_utf8_lossy(&output.stderr).into_owned();
            let build = format!("go{self}");
            return Err(TargetError::ToolFailed { tool, build, status: output.status, messages });
        }
        Ok(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim_end()))
    }
}

impl fmt::Display for GoRelease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "1.{}.{}", self.minor, self.patch)
    }
}

impl FromStr for GoRelease {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, TargetError> {
        let wrong = || TargetError::Release(text.to_owned());
        let numbers = text.strip_prefix("go").unwrap_or(text).strip_prefix("1.").ok_or_else(wrong)?;
        let (minor, patch) = numbers.split_once('.').unwrap_or((numbers, "0"));
        let number = |digits: &str| digits.parse().map_err(|_| wrong());
        Ok(GoRelease { minor: number(minor)?, patch: number(patch)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_read_as_go_writes_them() {
        assert_eq!("1.19.13".parse::<GoRelease>().unwrap(), GoRelease::new(19, 13));
        assert_eq!("go1.21.0".parse::<GoRelease>().unwrap(), GoRelease::new(21, 0));
        assert_eq!("1.20".parse::<GoRelease>().unwrap(), GoRelease::new(20, 0));
        for wrong in ["", "1", "2.1.1", "1.x", "1.2.3.4", "1.21rc1", "1.-1"] {
            assert!(wrong.parse::<GoRelease>().is_err(), "{wrong:?}");
        }
    }
}
