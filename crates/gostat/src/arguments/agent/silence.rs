//! Options of `gostat agent silence`.

use std::time::Duration;

use alerting::Matcher;
use clap::Args;

use super::RunningAgent;

/// What is shown below the options.
pub(super) const SILENCE_NOTES: &str = "\
Matchers:
  LABEL=PATTERN     the label is like that; * stands for any text
  LABEL!=PATTERN    it is not
  Labels: finding, kind, service, environment, package, route, pool, severity. A label that a
  finding does not have is an empty text. All matchers have to match. `gostat agent findings --json`
  shows labels.

Examples:
  gostat agent silence service=checkout --for 2h --comment 'known, see #123'
  gostat agent silence 'service=shop-*' severity!=critical --for 7d --comment 'until the release'
  gostat agent silences
  gostat agent unsilence 3";

/// Labels of findings.
const LABELS: &[&str] =
    &["finding", "kind", "service", "environment", "package", "route", "pool", "severity"];

/// Options of `gostat agent silence`.
#[derive(Debug, Args)]
pub(crate) struct SilenceOptions {
    /// What a finding must be like: LABEL=PATTERN or LABEL!=PATTERN.
    #[arg(required = true, value_name = "MATCHER", value_parser = matcher)]
    pub(crate) matchers: Vec<Matcher>,
    /// For how long: 30m, 2h, 7d.
    #[arg(long = "for", value_name = "D", value_parser = duration)]
    pub(crate) lasts: Duration,
    /// Why: whoever sees the silence wants to know.
    #[arg(long, value_name = "TEXT")]
    pub(crate) comment: String,
    /// Who wants it [default: the user's name].
    #[arg(long, value_name = "NAME")]
    pub(crate) author: Option<String>,
    /// Print one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) running: RunningAgent,
}

fn matcher(text: &str) -> Result<Matcher, String> {
    let (label, pattern) = text.split_once('=').ok_or("a matcher is LABEL=PATTERN or LABEL!=PATTERN")?;
    let (label, negated) = label.strip_suffix('!').map_or((label, false), |label| (label, true));
    if !LABELS.contains(&label) {
        return Err(format!("findings have no label {label:?}; they have {}", LABELS.join(", ")));
    }
    Ok(Matcher { label: label.to_owned(), pattern: pattern.to_owned(), negated })
}

fn duration(text: &str) -> Result<Duration, String> {
    let duration = humantime::parse_duration(text).map_err(|error| error.to_string())?;
    if duration.is_zero() { Err("that is no time at all".to_owned()) } else { Ok(duration) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matchers_are_understood() {
        let of = |label: &str, pattern: &str, negated| Matcher {
            label: label.to_owned(),
            pattern: pattern.to_owned(),
            negated,
        };
        assert_eq!(matcher("service=check*"), Ok(of("service", "check*", false)));
        assert_eq!(matcher("severity!=critical"), Ok(of("severity", "critical", true)));
        assert_eq!(matcher("route=/a=b"), Ok(of("route", "/a=b", false)));
        assert_eq!(matcher("pool="), Ok(of("pool", "", false)));
        for wrong in ["service", "servce=x", "=x", "!=x"] {
            assert!(matcher(wrong).is_err(), "{wrong}");
        }
        assert!(duration("0s").is_err() && duration("soon").is_err() && duration("2h").is_ok());
    }
}
