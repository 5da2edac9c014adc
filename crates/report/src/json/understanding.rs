//! What goroutines are doing, as JSON: the same keys for one goroutine and for a group.

use analysis::Understanding;
use serde::Serialize;

/// Of one goroutine.
#[derive(Serialize)]
pub(super) struct UnderstandingJson {
    meaning: Option<String>,
    owner: Option<Box<str>>,
    route: Option<Box<str>>,
    pool: Option<Box<str>>,
}

impl UnderstandingJson {
    pub(super) fn new(understanding: &Understanding) -> Self {
        UnderstandingJson {
            meaning: understanding.name().map(str::to_owned),
            owner: understanding.owner.clone(),
            route: understanding.route.clone(),
            pool: understanding.pool.clone(),
        }
    }
}

/// What the rule says of all that it applies to.
#[derive(Serialize)]
pub(super) struct RuleJson<'a> {
    title: Option<&'a str>,
    risk: Option<&'static str>,
    healthy: Option<&'a str>,
    advice: Option<&'a str>,
}

impl<'a> RuleJson<'a> {
    pub(super) fn new(understanding: &'a Understanding) -> Self {
        let rule = understanding.rule.as_deref();
        RuleJson {
            title: rule.map(|rule| rule.title.as_str()),
            risk: rule.map(|rule| rule.risk.name()),
            healthy: understanding.healthy(),
            advice: rule.map(|rule| rule.advice.as_str()),
        }
    }
}
