//! Showing a recording: the moment that is asked for, or one after the other.

use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use capture::{Options, Replay, Source, monotonic_ns};
use rustc_hash::FxHashMap;

use super::{Clock, Due, Order};
use crate::cluster::ClusterKey;
use crate::event::{Event, Seen};
use crate::look::{Look, Observer, Place};
use crate::mailbox::Mailbox;
use crate::settings::{Settings, Trouble};

/// Moments that are kept: the one that is shown, and those around it.
const LOOKS_KEPT: usize = 4;
/// No moment is waited for longer: a file may say anything.
const WAIT_MAX: Duration = Duration::from_secs(60);

/// A recording, and what was seen of it.
pub(crate) struct Player {
    source: Source,
    totals: Arc<[u64]>,
    times_ns: Vec<u64>,
    /// Looks, and whether rates were made for them.
    kept: Vec<(Arc<Look>, bool)>,
    first: Option<Arc<FxHashMap<ClusterKey, u64>>>,
    index: usize,
}

impl Player {
    pub(crate) fn new(replay: Replay) -> Player {
        let moments = replay.moments();
        Player {
            totals: moments.iter().map(|moment| u64::from(moment.goroutines)).collect(),
            times_ns: moments.iter().map(|moment| moment.taken_at_monotonic_ns).collect(),
            index: replay.index(),
            kept: Vec::new(),
            first: None,
            source: Source::Replay(Box::new(replay)),
        }
    }

    /// Where one is.
    pub(crate) fn index(&self) -> usize {
        self.index
    }

    /// A moment, the one before it, and the clusters of the first.
    pub(crate) fn seen(&mut self, index: usize, settings: &Settings) -> Result<Seen, Trouble> {
        let before = index.checked_sub(1).and_then(|before| self.look(before, None, settings).ok());
        let look = self.look(index, before.as_deref(), settings)?;
        if self.first.is_none()
            && let Ok(first) = self.look(0, None, settings)
        {
            let clusters = first.clusters.iter().map(|cluster| (cluster.key, cluster.count)).collect();
            self.first = Some(Arc::new(clusters));
        }
        self.index = index;
        Ok(Seen { look, before, first: self.first.clone() })
    }

    /// A moment. Rates are since the one before it, if that is given.
    fn look(
        &mut self,
        index: usize,
        before: Option<&Look>,
        settings: &Settings,
    ) -> Result<Arc<Look>, Trouble> {
        let number = index as u64 + 1;
        let has_rates = before.is_some() || index == 0;
        if let Some(at) = self.kept.iter().position(|(look, _)| look.number == number) {
            let (known, had_rates) = self.kept.remove(at);
            if had_rates || !has_rates {
                self.kept.push((Arc::clone(&known), had_rates));
                return Ok(known);
            }
        }
        let Source::Replay(replay) = &mut self.source else {
            return Err(Trouble::new("not a recording", None));
        };
        let told = |error: capture::ReplayError| Trouble::new(&error, error.hint().map(str::to_owned));
        replay.choose(index).map_err(told)?;
        let has_heap = replay.has_heap();
        let told = |error: capture::CaptureError| Trouble::new(&error, error.hint());
        let snapshot = Arc::new(self.source.snapshot(&Options::EVERYTHING).map_err(told)?);
        let mut observer = Observer::default();
        if let Some(before) = before.and_then(|before| before.snapshot.as_deref()) {
            observer.compare_with(before);
        }
        let look = observer.look(&settings.rules, snapshot);
        let place = Some(Place { index, totals: Arc::clone(&self.totals), has_heap });
        let look = Arc::new(Look { number, place, ..look });
        if self.kept.len() >= LOOKS_KEPT {
            self.kept.remove(0);
        }
        self.kept.push((Arc::clone(&look), has_rates));
        Ok(look)
    }

    /// Time from one moment to the next.
    fn distance(&self, index: usize) -> Duration {
        let at = |index: usize| self.times_ns.get(index).copied().unwrap_or(0);
        Duration::from_nanos(at(index + 1).saturating_sub(at(index)))
            .clamp(Duration::from_millis(1), WAIT_MAX)
    }
}

/// Shows moments until it is told to stop.
pub(super) fn run(replay: Replay, settings: &Settings, mailbox: &Mailbox, orders: &Receiver<Order>) {
    let mut player = Player::new(replay);
    let (mut interval, mut playing) = (settings.interval, false);
    let mut clock = Clock::new(interval);
    let show = |player: &mut Player, index| match player.seen(index, settings) {
        Ok(seen) => mailbox.send(Event::Look(seen)),
        Err(trouble) => mailbox.send(Event::Trouble(trouble)),
    };
    let index = player.index();
    show(&mut player, index);
    loop {
        match clock.wait(orders, playing) {
            Due::Ordered(Order::Stop) => return,
            Due::Ordered(Order::Interval(changed)) => interval = changed,
            Due::Ordered(Order::Show(index)) => show(&mut player, index),
            Due::Ordered(Order::Play(play)) => {
                playing = play;
                if playing && player.index() + 1 >= player.totals.len() {
                    // From the end one begins again.
                    show(&mut player, 0);
                }
            }
            Due::Ordered(Order::Record(_)) => {}
            Due::Look => {
                let next = player.index() + 1;
                if next < player.totals.len() {
                    show(&mut player, next);
                    player.index = next;
                }
                playing = next + 1 < player.totals.len();
            }
        }
        let wait = if settings.pace { player.distance(player.index()) } else { interval };
        clock = Clock::new(wait);
        clock.began(monotonic_ns());
    }
}
