//! Findings as they are kept over a restart of the agent.

use serde::{Deserialize, Serialize};

use crate::error::AlertingError;
use crate::finding::Finding;
use crate::findings::{FindingCounters, FindingSettings, Findings};
use crate::silence::Silence;

/// The form of [`Saved`]: another number is another form.
const VERSION: u32 = 1;

/// All that has to be kept. The agent puts it into its history, and gives it back at its start.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Saved {
    version: u32,
    at_unix_ms: u64,
    findings: Vec<Finding>,
    silences: Vec<Silence>,
    next_silence: u64,
    counters: FindingCounters,
}

impl Findings {
    /// What has to be kept.
    pub fn save(&self) -> Saved {
        Saved {
            version: VERSION,
            at_unix_ms: self.now_unix_ms,
            findings: self.findings.values().cloned().collect(),
            silences: self.silences.clone(),
            next_silence: self.next_silence,
            counters: self.counters,
        }
    }

    /// Goes on where an agent left off. The time in which there was no agent is no evidence of absence: nobody looked.
    ///
    /// # Errors
    ///
    /// What another form of gostat saved is refused: start with none, and what is wrong will be found again.
    pub fn restore(
        settings: FindingSettings,
        saved: Saved,
        now_unix_ms: u64,
    ) -> Result<Findings, AlertingError> {
        if saved.version != VERSION {
            return Err(AlertingError::SavedByAnother { version: saved.version, expected: VERSION });
        }
        let mut findings = Findings::new(settings);
        findings.now_unix_ms = now_unix_ms.max(saved.at_unix_ms);
        let away_ms = findings.now_unix_ms - saved.at_unix_ms;
        for mut finding in saved.findings {
            let later = |at: &mut u64| *at = at.saturating_add(away_ms);
            finding.absent_since_unix_ms.iter_mut().for_each(later);
            let seen = finding.targets.iter_mut().flat_map(|target| &mut target.seen);
            seen.for_each(|seen| later(&mut seen.judged_unix_ms));
            if finding.firing_since_unix_ms.is_none() {
                later(&mut finding.pending_since_unix_ms);
            }
            findings.findings.insert(finding.id.clone(), finding);
        }
        findings.silences = saved.silences;
        findings.next_silence = saved.next_silence;
        findings.counters = saved.counters;
        Ok(findings)
    }
}
