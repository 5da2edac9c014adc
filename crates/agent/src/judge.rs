//! From what detectors see to findings, and from findings to people: one thread that does both.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, PoisonError, RwLock};
use std::time::Duration;

use alerting::{
    Alert, AlertSettings, AlertingError, BLOCKED, Delivery, Finding, Findings, GROWTH, HybridRule,
    HybridSettings, Judged, Judgement, LEAKS, Observation, PATHOLOGIES, Saved, Silence, SinkCounters, State,
    TargetKey, Tick, Tolerances, observe_growth,
};
use leak_detection::{Growth, Urgency};
use rustc_hash::FxHashMap;

use crate::clock::now_unix_ms;
use crate::locks::locked;
use crate::target::{Facts, TargetId, tags};

/// How often findings are looked through: what has to last or to be absent for some time is seen then.
const TICK: Duration = Duration::from_secs(1);
/// When it ends, messages that are due have this time.
const GRACE: Duration = Duration::from_secs(3);
/// What is waited for at most, of which the oldest is given up: a thread that judges is never so late.
const WAITING_MAX: usize = 100_000;

/// What happened since the last tick.
#[derive(Default)]
struct News {
    observations: Vec<Observation>,
    judged: Vec<(TargetKey, &'static str)>,
    gone: Vec<TargetKey>,
    /// A silence was added or ended: that has to be kept.
    silenced: bool,
    stopping: bool,
}

/// Findings as anybody may see them.
#[derive(Debug, Clone, Default)]
pub struct FindingsView {
    /// All of them, by id, each with what is told of it.
    pub findings: Vec<(Finding, Alert)>,
    /// Silences that have not ended.
    pub silences: Vec<Silence>,
    /// What became of messages, by sink.
    pub sinks: Vec<SinkCounters>,
}

/// Judges.
pub struct Judge {
    news: Mutex<News>,
    woken: Condvar,
    rules: Mutex<FxHashMap<TargetId, HybridRule>>,
    tolerances: Tolerances,
    findings: Mutex<Findings>,
    view: RwLock<FindingsView>,
    file: PathBuf,
}

impl Judge {
    /// Goes on with the findings that an agent before us had, if there are any in the directory.
    ///
    /// # Errors
    /// When the rules of what is tolerated are wrong, which would be a mistake of ours.
    pub(crate) fn new(settings: &AlertSettings, directory: &Path) -> Result<Self, AlertingError> {
        let file = directory.join("findings.json");
        let findings = restored(settings, &file);
        // Whoever asks before the first tick is told what was known before.
        let silences = findings.silences().to_vec();
        let view = FindingsView { findings: with_alerts(&findings), silences, sinks: Vec::new() };
        Ok(Judge {
            news: Mutex::default(),
            woken: Condvar::new(),
            rules: Mutex::default(),
            tolerances: Tolerances::built_in()?,
            findings: Mutex::new(findings),
            view: RwLock::new(view),
            file,
        })
    }

    /// Findings as they are.
    pub fn view(&self) -> FindingsView {
        self.view.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What fires now that concerns a target, counted by kind and severity.
    pub(crate) fn firing_of(&self, facts: &Facts) -> BTreeMap<(String, &'static str), u64> {
        let key = tags(facts).key();
        let mut counts = BTreeMap::new();
        let view = self.view.read().unwrap_or_else(PoisonError::into_inner);
        for (finding, alert) in view.findings.iter().filter(|(finding, _)| finding.state == State::Firing) {
            let concerned = finding.targets.iter().any(|concerned| concerned.key == key);
            if concerned || finding.more_targets.contains(&key) {
                let kind = alert.kind.name().to_owned();
                *counts.entry((kind, finding.severity.name())).or_default() += 1;
            }
        }
        counts
    }

    /// Silences what matches, from the next tick on.
    ///
    /// # Errors
    /// A silence of everything, or too many.
    pub fn add_silence(&self, silence: Silence) -> Result<u64, AlertingError> {
        let added = locked(&self.findings).add_silence(silence);
        self.keep_silences();
        added
    }

    /// Ends a silence; whether there was one of that number.
    pub fn end_silence(&self, id: u64) -> bool {
        let ended = locked(&self.findings).end_silence(id);
        self.keep_silences();
        ended
    }

    fn keep_silences(&self) {
        locked(&self.news).silenced = true;
        self.woken.notify_one();
    }

    /// A target has so many goroutines, which have grown so.
    pub(crate) fn counted(&self, facts: &Facts, at_unix_ms: u64, count: u64, growth: &Growth) {
        let target = tags(facts);
        let mut rules = locked(&self.rules);
        let rule =
            rules.entry(facts.id.clone()).or_insert_with(|| HybridRule::new(HybridSettings::default()));
        #[expect(clippy::cast_precision_loss, reason = "counts of goroutines fit 53 bits")]
        let judgement = rule.judge(at_unix_ms, count as f64, &self.tolerances.of(&Default::default()));
        drop(rules);
        let mut news = locked(&self.news);
        news.judged.push((target.key(), GROWTH));
        // What grows is no news while it stays within what is usual here.
        if let (Judgement::Alarming(excess), true) = (judgement, growth.urgency > Urgency::None)
            && let Some(mut seen) = observe_growth(growth, count, &target)
        {
            seen.evidence.push(excess.sentence());
            news.observations.push(seen);
        }
        bound(&mut news);
    }

    /// It was seen which goroutines of a target others hold up, if any.
    pub(crate) fn blocked(&self, facts: &Facts, observations: Vec<Observation>) {
        let mut news = locked(&self.news);
        news.judged.push((tags(facts).key(), BLOCKED));
        news.observations.extend(observations);
        bound(&mut news);
    }

    /// A target was searched for leaks.
    pub(crate) fn searched(&self, facts: &Facts, observations: Vec<Observation>) {
        let key = tags(facts).key();
        let mut news = locked(&self.news);
        news.judged.extend([(key, LEAKS), (key, PATHOLOGIES)]);
        news.observations.extend(observations);
        bound(&mut news);
        drop(news);
        self.woken.notify_one();
    }

    /// A target has ended.
    pub(crate) fn ended(&self, facts: &Facts) {
        locked(&self.rules).remove(&facts.id);
        locked(&self.news).gone.push(tags(facts).key());
    }

    pub(crate) fn stop(&self) {
        locked(&self.news).stopping = true;
        self.woken.notify_all();
    }

    /// Judges until it is stopped. `changed` hears which findings are new or have changed, and `seen` after each tick how
    /// all of them are.
    pub(crate) fn work(
        &self,
        mut delivery: Delivery,
        changed: &dyn Fn(&[Finding]),
        seen: &dyn Fn(&FindingsView),
    ) {
        loop {
            let news = self.take_news();
            self.tick(&news, &mut delivery, changed);
            seen(&self.view());
            if news.stopping {
                break;
            }
        }
        delivery.stop(GRACE);
    }

    fn tick(&self, news: &News, delivery: &mut Delivery, changed: &dyn Fn(&[Finding])) {
        let judged: Vec<Judged<'_>> =
            news.judged.iter().map(|&(target, detector)| Judged { target, detector }).collect();
        let at_unix_ms = now_unix_ms();
        let tick = Tick { at_unix_ms, observations: &news.observations, judged: &judged, gone: &news.gone };
        let mut findings = locked(&self.findings);
        let notices = findings.tick(&tick);
        let firing = findings.firing();
        let now = findings.save();
        let all = with_alerts(&findings);
        let silences = findings.silences().to_vec();
        drop(findings);
        for notice in &notices {
            tracing::info!(event = ?notice.event, title = notice.alert.title(), "finding");
        }
        delivery.hand_over(at_unix_ms, &notices, &firing);
        let view = FindingsView { findings: all, silences, sinks: delivery.counters() };
        let of_interest = !news.observations.is_empty()
            || !notices.is_empty()
            || news.silenced
            || news.stopping
            || self.has_moved(&view);
        let all = |view: &FindingsView| view.findings.iter().map(|(finding, _)| finding.clone()).collect();
        let to_keep: Option<Vec<Finding>> = of_interest.then(|| all(&view));
        // Before it is in the history: who reads that first must find it here, and not take it for something of the past.
        *self.view.write().unwrap_or_else(PoisonError::into_inner) = view;
        if let Some(findings) = to_keep {
            changed(&findings);
            if let Err(error) = write_whole(&self.file, &now) {
                tracing::error!(%error, file = %self.file.display(), "cannot keep findings");
            }
        }
    }

    /// Whether findings have other states than before, also those that nobody is told of.
    fn has_moved(&self, now: &FindingsView) -> bool {
        let states = |view: &FindingsView| -> Vec<_> {
            view.findings.iter().map(|(finding, _)| (finding.id.clone(), finding.state)).collect()
        };
        states(&self.view.read().unwrap_or_else(PoisonError::into_inner)) != states(now)
    }

    /// A finding as it is told, for whoever shows it.
    pub(crate) fn alert(&self, finding: &Finding) -> Alert {
        locked(&self.findings).alert(finding)
    }

    fn take_news(&self) -> News {
        let news = locked(&self.news);
        let waiting = |news: &mut News| !news.stopping && !news.silenced && news.observations.is_empty();
        let (mut news, _) =
            self.woken.wait_timeout_while(news, TICK, waiting).unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut news)
    }
}

/// Forgets observations that nobody has come to judge.
fn bound(news: &mut News) {
    let too_many = news.observations.len().saturating_sub(WAITING_MAX);
    news.observations.drain(..too_many);
    let too_many = news.judged.len().saturating_sub(WAITING_MAX);
    news.judged.drain(..too_many);
}

fn with_alerts(findings: &Findings) -> Vec<(Finding, Alert)> {
    findings.all().map(|finding| (finding.clone(), findings.alert(finding))).collect()
}

/// The findings in a file; none, if it is not there or is none of ours, which is said.
fn restored(settings: &AlertSettings, file: &Path) -> Findings {
    let text = match std::fs::read(file) {
        Ok(text) => text,
        Err(error) => {
            if error.kind() != std::io::ErrorKind::NotFound {
                tracing::warn!(%error, file = %file.display(), "cannot read earlier findings");
            }
            return Findings::new(settings.findings.clone());
        }
    };
    let saved: Result<Saved, _> = serde_json::from_slice(&text);
    let restored = saved.map_err(|error| error.to_string()).and_then(|saved| {
        Findings::restore(settings.findings.clone(), saved, now_unix_ms()).map_err(|error| error.to_string())
    });
    restored.unwrap_or_else(|error| {
        tracing::warn!(error, file = %file.display(), "earlier findings are lost");
        Findings::new(settings.findings.clone())
    })
}

/// Replaces a file by one that is whole.
fn write_whole(file: &Path, saved: &Saved) -> std::io::Result<()> {
    let new = file.with_extension("json.new");
    std::fs::write(&new, serde_json::to_vec(saved)?)?;
    std::fs::rename(&new, file)
}
