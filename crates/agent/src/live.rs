//! Targets that somebody watches goroutine by goroutine: they are looked at more often, for as long as somebody does.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use capture::{CaptureError, Options, Session};
use live_frames::Encoder;
use web_server::{Bytes, LiveFrames, LiveViewer, live_viewer};

use crate::agent::Agent;
use crate::locks::locked;
use crate::target::TargetId;
use crate::watcher::thread_cpu;

/// Time between two looks, if they are cheap.
const EVERY: Duration = Duration::from_secs(1);
/// However much looks cost, whoever watches is not left alone for longer.
const EVERY_MAX: Duration = Duration::from_secs(60);
/// So many looks copy every stack, before it is known which ones stay as they are. What they cost says nothing of later ones:
/// with a million goroutines 2 s each, and 0.6 s from then on.
const FIRST_LOOKS: u32 = 3;
/// The longest time between them.
const FIRST_EVERY_MAX: Duration = Duration::from_secs(3);
/// Targets that are watched at the same time, and pages that watch the same one.
const TARGETS_MAX: usize = 4;
const VIEWERS_MAX: usize = 8;
/// Looks that may fail in a row.
const FAILURES_MAX: u32 = 10;

/// Who watches what.
pub(crate) struct Live {
    agent: Arc<Agent>,
    watched: Mutex<Watched>,
    woken: Condvar,
}

#[derive(Default)]
struct Watched {
    /// Those who have come and have not had a frame yet, and how many there are in all, by target.
    targets: BTreeMap<TargetId, Viewers>,
    stopping: bool,
}

#[derive(Default)]
struct Viewers {
    new: Vec<LiveViewer>,
    all: usize,
}

impl Watched {
    /// Whether there is room for a viewer.
    fn admits(&self, id: &TargetId) -> Result<(), LiveError> {
        match self.targets.get(id) {
            _ if self.stopping => Err(LiveError::Ending),
            Some(viewers) if viewers.all >= VIEWERS_MAX => Err(LiveError::Viewers),
            None if self.targets.len() >= TARGETS_MAX => Err(LiveError::Targets),
            _ => Ok(()),
        }
    }

    /// One viewer more, if there are some.
    fn join(&mut self, id: &TargetId) -> Result<Option<LiveFrames>, LiveError> {
        self.admits(id)?;
        let Some(viewers) = self.targets.get_mut(id) else { return Ok(None) };
        let (viewer, frames) = live_viewer();
        viewers.new.push(viewer);
        viewers.all += 1;
        Ok(Some(frames))
    }
}

/// Why nobody can watch.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LiveError {
    #[error("{TARGETS_MAX} targets are watched live already")]
    Targets,
    #[error("{VIEWERS_MAX} pages watch this target already")]
    Viewers,
    #[error("the agent is ending")]
    Ending,
    #[error("cannot start a thread: {0}")]
    Thread(#[from] std::io::Error),
}

impl LiveError {
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            LiveError::Targets | LiveError::Viewers => Some("close a page that shows goroutines live".into()),
            LiveError::Ending | LiveError::Thread(_) => None,
        }
    }
}

impl Live {
    pub(crate) fn new(agent: Arc<Agent>) -> Live {
        Live { agent, watched: Mutex::default(), woken: Condvar::new() }
    }

    /// Whether there is room for a viewer of a target.
    pub(crate) fn admits(&self, id: &TargetId) -> Result<(), LiveError> {
        locked(&self.watched).admits(id)
    }

    /// Watches a target, if somebody does already: then no other way into it is needed.
    pub(crate) fn join(&self, id: &TargetId) -> Result<Option<LiveFrames>, LiveError> {
        let joined = locked(&self.watched).join(id)?;
        self.woken.notify_all();
        Ok(joined)
    }

    /// Begins to watch a target, or watches it with those who have begun meanwhile.
    pub(crate) fn begin(self: &Arc<Self>, id: &TargetId, session: Session) -> Result<LiveFrames, LiveError> {
        // Until the first viewer is in, the thread cannot see that there is none.
        let mut watched = locked(&self.watched);
        if let Some(frames) = watched.join(id)? {
            self.woken.notify_all();
            return Ok(frames);
        }
        let (live, of) = (Arc::clone(self), id.clone());
        thread::Builder::new().name("shows".to_owned()).spawn(move || live.watch(&of, session))?;
        let (viewer, frames) = live_viewer();
        watched.targets.insert(id.clone(), Viewers { new: vec![viewer], all: 1 });
        Ok(frames)
    }

    /// Ends all of it.
    pub(crate) fn stop(&self) {
        locked(&self.watched).stopping = true;
        self.woken.notify_all();
    }

    /// Looks at a target, again and again, until nobody watches any more.
    fn watch(&self, id: &TargetId, mut session: Session) {
        let options = Options { wait_objects: false, ..Options::default() };
        let (mut encoder, mut viewers, mut failures) = (Encoder::default(), Vec::new(), 0);
        let mut looks = 0;
        let why = 'looks: loop {
            let (began, cpu) = (Instant::now(), thread_cpu());
            if let Some(why) = self.gone(id) {
                break why;
            }
            match session.roll(&options) {
                Ok((census, individuals)) => {
                    (looks, failures) = (looks + 1, 0);
                    let frame = Bytes::from(encoder.advance(&census, &individuals));
                    show(&encoder, &mut viewers, Some(&frame));
                }
                Err(end @ (CaptureError::Exited { .. } | CaptureError::Replaced { .. })) => {
                    break end.to_string();
                }
                Err(error) if failures >= FAILURES_MAX => break error.to_string(),
                Err(_) => failures += 1,
            }
            let share = self.agent.config().budget.live_cpu_percent / 100.0;
            let next = began + until_next(thread_cpu().saturating_sub(cpu), share, looks);
            loop {
                match self.rest(id, &mut viewers, next) {
                    Rest::Over => break,
                    // They begin with the last look: opening pages costs the target nothing.
                    Rest::Joined(mut new) => {
                        show(&encoder, &mut new, None);
                        viewers.append(&mut new);
                    }
                    Rest::Nobody => return,
                    Rest::Stopping => break 'looks "the agent has ended".to_owned(),
                }
            }
        };
        let new = locked(&self.watched).targets.remove(id).map(|viewers| viewers.new).unwrap_or_default();
        viewers.into_iter().chain(new).for_each(|viewer| viewer.end(&why));
    }

    /// Why a target is not to be looked at any more, if so.
    fn gone(&self, id: &TargetId) -> Option<String> {
        match self.agent.registry().status(id.as_str()) {
            Err(_) => Some("the process has ended".to_owned()),
            Ok(status) if status.disabled => Some("this target was switched off".to_owned()),
            Ok(_) => None,
        }
    }

    /// Waits until the next look, or until somebody comes.
    fn rest(&self, id: &TargetId, viewers: &mut Vec<LiveViewer>, until: Instant) -> Rest {
        let mut watched = locked(&self.watched);
        loop {
            if watched.stopping {
                return Rest::Stopping;
            }
            viewers.retain(|viewer| !viewer.is_gone());
            let Some(here) = watched.targets.get_mut(id) else { return Rest::Nobody };
            here.all = viewers.len() + here.new.len();
            if !here.new.is_empty() {
                return Rest::Joined(std::mem::take(&mut here.new));
            }
            if viewers.is_empty() {
                // Under the lock: whoever comes later begins anew.
                watched.targets.remove(id);
                return Rest::Nobody;
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Rest::Over;
            }
            watched = self.woken.wait_timeout(watched, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

/// Time from a look to the next, of which looks take a share at most, after so many that have succeeded.
fn until_next(cost: Duration, share: f64, looks: u32) -> Duration {
    let longest = if looks <= FIRST_LOOKS { FIRST_EVERY_MAX } else { EVERY_MAX };
    Duration::try_from_secs_f64(cost.as_secs_f64() / share).unwrap_or(longest).clamp(EVERY, longest)
}

/// How a rest between two looks ended.
enum Rest {
    /// It is time for the next look.
    Over,
    /// Somebody has come.
    Joined(Vec<LiveViewer>),
    /// All have gone, and the target is no longer watched.
    Nobody,
    Stopping,
}

/// Sends a frame to all, or what there is so far to who has not followed. Those who have gone are dropped.
fn show(encoder: &Encoder, viewers: &mut Vec<LiveViewer>, frame: Option<&Bytes>) {
    // Made once, however many need it.
    let mut everything = None;
    viewers.retain_mut(|viewer| {
        viewer.send(frame, || everything.get_or_insert_with(|| encoder.key().map(Bytes::from)).clone())
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_keep_to_their_share_and_nobody_waits_long_for_what_the_first_ones_cost() {
        let ms = Duration::from_millis;
        assert_eq!(until_next(ms(4_500), 0.25, 1), FIRST_EVERY_MAX);
        assert_eq!(until_next(ms(4_500), 0.25, FIRST_LOOKS + 1), ms(18_000));
        for looks in [1, 100] {
            assert_eq!(until_next(ms(20), 0.25, looks), EVERY);
            assert_eq!(until_next(ms(500), 0.25, looks), ms(2_000));
        }
        for share in [0.001, f64::MIN_POSITIVE] {
            assert_eq!(until_next(ms(500), share, 100), EVERY_MAX);
        }
    }
}
