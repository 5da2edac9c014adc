//! Asking what goroutines are doing: those of a snapshot one by one, those of a census by cohorts.

use std::sync::Arc;

use snapshot::{Census, Cohort, FrameId, Goroutine, Snapshot, WaitingSince};

use super::conditions::ObjectKinds;
use super::situation::{Decider, Situation};
use super::{Rule, Rules};

/// What is known of goroutines in one situation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Understanding {
    /// What they are doing; `None` if no rule says.
    pub rule: Option<Arc<Rule>>,
    /// Path of the package that they belong to.
    pub owner: Option<Box<str>>,
    /// HTTP route, handler function or remote method that they serve.
    pub route: Option<Box<str>>,
    /// Pool of connections that they use or wait for.
    pub pool: Option<Box<str>>,
}

impl Understanding {
    /// The name of what they are doing: `DB_ACQUIRE`.
    pub fn name(&self) -> Option<&str> {
        self.rule.as_ref().map(|rule| rule.name.as_str())
    }

    /// Why they are as they should be, if a rule says so.
    pub fn healthy(&self) -> Option<&str> {
        self.rule.as_ref().and_then(|rule| rule.healthy.as_deref())
    }
}

/// The goroutines of one snapshot by the light of some rules.
///
/// ```
/// # fn f(snapshot: &snapshot::Snapshot) {
/// use analysis::{Meanings, Rules};
/// let meanings = Meanings::new(Rules::built_in(), snapshot);
/// for goroutine in &snapshot.goroutines {
///     let understood = meanings.of(goroutine);
///     if let (Some("DB_ACQUIRE"), Some(owner)) = (understood.name(), &understood.owner) {
///         assert!(!owner.is_empty());
///     }
/// }
/// # }
/// ```
#[derive(Debug)]
pub struct Meanings<'a> {
    snapshot: &'a Snapshot,
    decider: Decider<'a>,
}

impl<'a> Meanings<'a> {
    /// Prepares to look at a snapshot.
    pub fn new(rules: &'a Rules, snapshot: &'a Snapshot) -> Self {
        Meanings { snapshot, decider: Decider::new(rules, &snapshot.target, &snapshot.tables) }
    }

    /// The snapshot that it looks at.
    pub fn snapshot(&self) -> &'a Snapshot {
        self.snapshot
    }

    /// What a goroutine of the snapshot is doing. Costs a look into a table for all but the first one in each
    /// situation: stack, creator, wait reason, status, labels and kinds of objects waited on.
    pub fn of(&self, goroutine: &Goroutine) -> Arc<Understanding> {
        self.decider.of(Situation::of(&goroutine.cohort(), ObjectKinds::of(self.snapshot, goroutine)))
    }

    /// How long a goroutine has been waiting, milliseconds.
    pub fn waited_ms(goroutine: &Goroutine) -> Option<u64> {
        goroutine.waiting_since.map(WaitingSince::ms)
    }

    /// The innermost frame that is the program's own: where somebody can change something.
    pub fn place(&self, goroutine: &Goroutine) -> Option<FrameId> {
        self.decider.place(goroutine.stack, &self.of(goroutine))
    }
}

/// The cohorts of one census by the light of some rules. A census does not know what goroutines wait on: rules that ask
/// for `waits_on` never hold.
#[derive(Debug)]
pub struct CohortMeanings<'a>(Decider<'a>);

impl<'a> CohortMeanings<'a> {
    /// Prepares to look at a census.
    pub fn new(rules: &'a Rules, census: &Census<'a>) -> Self {
        CohortMeanings(Decider::new(rules, census.target, census.tables))
    }

    /// What the members of a cohort are doing.
    pub fn of(&self, cohort: &Cohort) -> Arc<Understanding> {
        self.0.of(Situation::of(cohort, ObjectKinds::default()))
    }

    /// The innermost frame of theirs that is the program's own.
    pub fn place(&self, cohort: &Cohort) -> Option<FrameId> {
        self.0.place(cohort.stack, &self.of(cohort))
    }
}
