//! What the runtime itself says about which goroutines of a program have leaked.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::TargetError;
use crate::running::Running;

impl Running {
    /// The ids of the goroutines that the program's own leak profile calls leaked; `None` where its runtime has none
    /// (before 1.26).
    ///
    /// The profile is taken now, and its verdicts stay visible in the program's memory: look first, ask then.
    ///
    /// # Errors
    /// As [`Running::ask`].
    pub fn leaked(&mut self) -> Result<Option<BTreeSet<u64>>, TargetError> {
        let answer = self.ask_text("leaked")?;
        Ok((answer.trim() != "unavailable").then(|| ids(&answer)))
    }

    /// The ids of goroutines, in answer to a question that has such an answer: `goroutines`, `planted`, `healthy`.
    ///
    /// # Errors
    /// As [`Running::ask`].
    pub fn goroutine_ids(&mut self, question: &str) -> Result<BTreeSet<u64>, TargetError> {
        Ok(ids(&self.ask_text(question)?))
    }

    /// Where each goroutine of one of Go's leak programs stands in that program's files; see
    /// [`LeakSites`](crate::LeakSites).
    ///
    /// # Errors
    /// As [`Running::ask`]; other programs refuse.
    pub fn sites(&mut self) -> Result<BTreeMap<u64, String>, TargetError> {
        let answer = self.ask_text("sites")?;
        let site = |line: &str| {
            let (id, site) = line.split_once(' ')?;
            Some((id.parse().ok()?, site.to_owned()))
        };
        Ok(answer.lines().filter_map(site).collect())
    }
}

/// One id a line; what is none is not there.
fn ids(answer: &str) -> BTreeSet<u64> {
    answer.lines().filter_map(|line| line.parse().ok()).collect()
}
