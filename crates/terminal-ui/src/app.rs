//! The loop: events in, effects out, a picture at times. It never waits for a look.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use analysis::Rules;
use capture::Source;

use crate::arrange::{Request, arrange};
use crate::event::{Effect, Event};
use crate::mailbox::Mailbox;
use crate::sampling::{Order, Sampler};
use crate::screen::{Screen, Signals, listen, stop_ourselves};
use crate::search::{self, Origin};
use crate::settings::{Settings, Trouble};
use crate::state::State;

/// Time between two pictures: terminals may be far away.
const BETWEEN_PICTURES: Duration = Duration::from_millis(50);
/// How long nothing may happen.
const IDLE: Duration = Duration::from_secs(3600);

/// What is shown at first.
pub enum Shown {
    /// All Go processes.
    Fleet,
    /// A process, or a recording.
    Target {
        /// What is looked at.
        source: Box<Source>,
        /// What the user calls it.
        name: String,
        /// The file, if it is a recording.
        recording: Option<PathBuf>,
    },
}

impl Shown {
    /// The state before anything has been seen.
    pub(crate) fn state(&self, settings: &Settings, size: (u16, u16)) -> State {
        let target = match self {
            Shown::Fleet => None,
            Shown::Target { name, recording, .. } => Some((name.clone(), recording.is_some())),
        };
        State::new(target, settings.interval, settings.memory_bytes, size)
    }
}

/// Shows it until the user has seen enough, or somebody ends us.
///
/// # Errors
/// When the terminal cannot be used, or threads cannot be started.
pub fn run(shown: Shown, settings: Settings) -> io::Result<()> {
    let mailbox = Mailbox::default();
    let mut state = shown.state(&settings, Screen::size());
    let signals = Signals::listen(mailbox.clone())?;
    let mut doer = Doer::start(shown, settings, mailbox.clone())?;
    let mut screen = Screen::enter()?;
    listen(mailbox.clone())?;
    let ended = show(&mut state, &mut screen, &mut doer, &mailbox);
    drop(screen);
    doer.finish();
    drop(signals);
    match ended {
        // Whoever closed the terminal does not want to see more.
        Err(error) if error.raw_os_error().is_some() => Ok(()),
        ended => ended,
    }
}

fn show(state: &mut State, screen: &mut Screen, doer: &mut Doer, mailbox: &Mailbox) -> io::Result<()> {
    let (mut shown_at, mut is_old) = (None::<Instant>, true);
    loop {
        let left = shown_at.map_or(Duration::ZERO, |at| BETWEEN_PICTURES.saturating_sub(at.elapsed()));
        if is_old && left.is_zero() {
            screen.show(state, doer.settings.theme)?;
            (shown_at, is_old) = (Some(Instant::now()), false);
            continue;
        }
        let Some(event) = mailbox.receive(if is_old { left } else { IDLE }) else { continue };
        is_old = true;
        if matches!(event, Event::Resumed) {
            screen.come_back()?;
            state.size = Screen::size();
        }
        for effect in state.update(event) {
            match effect {
                Effect::Quit => return Ok(()),
                Effect::Redraw => screen.forget()?,
                Effect::Suspend => {
                    screen.leave();
                    stop_ourselves()?;
                    screen.come_back()?;
                }
                effect => doer.execute(effect),
            }
        }
    }
}

/// Does what the state machine wants done.
struct Doer {
    settings: Settings,
    mailbox: Mailbox,
    /// The end of the target that is watched.
    of_target: Mailbox,
    fleet: Option<Sampler>,
    target: Option<Sampler>,
    origin: Option<Origin>,
    /// Told to stop, but perhaps still recording.
    leaving: Vec<Sampler>,
    arranger: Arranger,
}

impl Doer {
    fn start(shown: Shown, settings: Settings, mailbox: Mailbox) -> io::Result<Doer> {
        let of_target = mailbox.of_new_target();
        let (mut fleet, mut target, mut origin) = (None, None, None);
        match shown {
            Shown::Fleet => fleet = Some(Sampler::of_fleet(settings.clone(), mailbox.clone())?),
            Shown::Target { source, recording, .. } => {
                origin = Some(match (recording, &*source) {
                    (Some(path), _) => Origin::Recording(path),
                    (None, Source::Live(session)) => {
                        Origin::Process(session.target().pid, session.start_ticks())
                    }
                    (None, Source::Replay(_)) => Origin::Process(source.target().pid, None),
                });
                target = Some(Sampler::of_target(*source, settings.clone(), of_target.clone())?);
            }
        }
        let arranger = Arranger::start(Arc::clone(&settings.rules))?;
        Ok(Doer { settings, mailbox, of_target, fleet, target, origin, leaving: Vec::new(), arranger })
    }

    fn execute(&mut self, effect: Effect) {
        let done = match effect {
            Effect::Open(pid, start_ticks) => self.open(pid, start_ticks),
            Effect::Close => {
                self.close();
                Ok(())
            }
            Effect::Arrange(request) => {
                self.arranger.order(*request, &self.of_target);
                Ok(())
            }
            Effect::Ask(question, moment) => match &self.origin {
                Some(origin) => {
                    let (settings, mailbox) = (self.settings.clone(), self.of_target.clone());
                    search::ask(question, origin.clone(), moment, settings, mailbox)
                }
                None => Ok(()),
            },
            Effect::Interval(interval) => {
                self.settings.interval = interval;
                self.order(&Order::Interval(interval));
                Ok(())
            }
            Effect::Show(index) => {
                self.order(&Order::Show(index));
                Ok(())
            }
            Effect::Play(play) => {
                self.target.iter().for_each(|target| target.order(Order::Play(play)));
                Ok(())
            }
            Effect::Record(path) => {
                self.target.iter().for_each(|target| target.order(Order::Record(path.clone())));
                Ok(())
            }
            Effect::Redraw | Effect::Suspend | Effect::Quit => Ok(()),
        };
        if let Err(error) = done {
            self.mailbox.send(Event::Trouble(Trouble::new(error, None)));
        }
    }

    fn order(&self, order: &Order) {
        self.fleet.iter().chain(&self.target).for_each(|sampler| sampler.order(order.clone()));
    }

    fn open(&mut self, pid: u32, start_ticks: u64) -> io::Result<()> {
        self.close();
        self.fleet.iter().for_each(|fleet| fleet.order(Order::Play(false)));
        self.origin = Some(Origin::Process(pid, Some(start_ticks)));
        self.target = Some(Sampler::of_pid(pid, start_ticks, self.settings.clone(), self.of_target.clone())?);
        Ok(())
    }

    fn close(&mut self) {
        self.of_target = self.mailbox.of_new_target();
        self.origin = None;
        if let Some(target) = self.target.take() {
            target.order(Order::Stop);
            self.leaving.push(target);
        }
        self.fleet.iter().for_each(|fleet| fleet.order(Order::Play(true)));
    }

    fn finish(mut self) {
        self.close();
        self.leaving.into_iter().for_each(Sampler::finish);
    }
}

/// A thread that filters and sorts: always the newest request, never those that came before it.
struct Arranger(Arc<(Mutex<Slot>, Condvar)>);

#[derive(Default)]
struct Slot {
    request: Option<(Request, Mailbox)>,
    is_over: bool,
}

impl Arranger {
    fn start(rules: Arc<Rules>) -> io::Result<Arranger> {
        let shared = Arc::new((Mutex::new(Slot::default()), Condvar::new()));
        let slot = Arc::clone(&shared);
        let work = move || {
            loop {
                let (slot, arrived) = &*slot;
                let guard = slot.lock().unwrap_or_else(PoisonError::into_inner);
                let waiting = |slot: &mut Slot| slot.request.is_none() && !slot.is_over;
                let mut guard = arrived.wait_while(guard, waiting).unwrap_or_else(PoisonError::into_inner);
                let Some((request, mailbox)) = guard.request.take() else { return };
                drop(guard);
                mailbox.send(Event::Arranged(Arc::new(arrange(&rules, &request))));
            }
        };
        thread::Builder::new().name("arrange".into()).spawn(work)?;
        Ok(Arranger(shared))
    }

    fn order(&self, request: Request, mailbox: &Mailbox) {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner).request = Some((request, mailbox.clone()));
        self.0.1.notify_one();
    }
}

impl Drop for Arranger {
    fn drop(&mut self) {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner).is_over = true;
        self.0.1.notify_one();
    }
}
