//! Threads that look: they own sessions and recordings, and hand over what never changes any more.

mod target;
mod replay;
mod fleet;

use std::cell::Cell;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use capture::{Pace, Source, monotonic_ns};

use crate::event::Event;
use crate::mailbox::Mailbox;
use crate::settings::{Settings, Trouble};

pub(crate) use fleet::Watcher;
pub(crate) use replay::Player;
pub(crate) use target::uptime_of;

/// What is asked of a thread that looks.
#[derive(Debug, Clone)]
pub(crate) enum Order {
    /// Look so often.
    Interval(Duration),
    /// Show this moment of a recording.
    Show(usize),
    /// Play a recording, or stop that. All processes: look at them, or wait.
    Play(bool),
    /// Record to a file, or end that.
    Record(Option<PathBuf>),
    /// End.
    Stop,
}

/// A thread that looks.
#[derive(Debug)]
pub(crate) struct Sampler {
    orders: Sender<Order>,
    /// Whether it has been asked to record: then it must not be left before that is whole.
    records: Cell<bool>,
    thread: Option<JoinHandle<()>>,
}

impl Sampler {
    /// Looks at a process or a recording.
    pub(crate) fn of_target(
        source: Source,
        settings: Settings,
        mailbox: Mailbox,
    ) -> std::io::Result<Sampler> {
        Self::start("look", move |orders| match source {
            Source::Live(session) => target::run(*session, &settings, &mailbox, &orders),
            Source::Replay(replay) => replay::run(*replay, &settings, &mailbox, &orders),
        })
    }

    /// Attaches to a process, if it is still the one that started then, and looks at it.
    pub(crate) fn of_pid(
        pid: u32,
        start_ticks: u64,
        settings: Settings,
        mailbox: Mailbox,
    ) -> std::io::Result<Sampler> {
        Self::start("look", move |orders| match capture::Session::attach(pid) {
            Ok(session) if session.start_ticks() != Some(start_ticks) => {
                mailbox.send(Event::Gone(Trouble::new(format!("process {pid} has exited"), None)));
            }
            Ok(session) => target::run(session, &settings, &mailbox, &orders),
            Err(error) => mailbox.send(Event::Gone(Trouble::new(&error, error.hint()))),
        })
    }

    /// Looks at all processes.
    pub(crate) fn of_fleet(settings: Settings, mailbox: Mailbox) -> std::io::Result<Sampler> {
        Self::start("fleet", move |orders| fleet::run(&settings, &mailbox, &orders))
    }

    fn start(name: &str, run: impl FnOnce(Receiver<Order>) + Send + 'static) -> std::io::Result<Sampler> {
        let (orders, received) = channel();
        let thread = thread::Builder::new().name(name.to_owned()).spawn(move || run(received))?;
        Ok(Sampler { orders, records: Cell::new(false), thread: Some(thread) })
    }

    /// Asks for something; a thread that has ended hears nothing.
    pub(crate) fn order(&self, order: Order) {
        if let Order::Record(Some(_)) = order {
            self.records.set(true);
        }
        let _ = self.orders.send(order);
    }

    /// Waits until what it has recorded is whole, after it was told to stop.
    pub(crate) fn finish(mut self) {
        if let Some(thread) = self.thread.take().filter(|_| self.records.get()) {
            // Its panic has been told by the hook.
            let _ = thread.join();
        }
    }
}

/// Waits for the next look or order.
struct Clock {
    pace: Option<Pace>,
}

/// Why waiting is over.
enum Due {
    /// It is time to look.
    Look,
    /// There is something else to do.
    Ordered(Order),
}

impl Clock {
    fn new(interval: Duration) -> Clock {
        Clock { pace: Pace::new(interval).ok() }
    }

    /// Waits for an order, or until the next look is due; of one that waits, for an order only.
    fn wait(&self, orders: &Receiver<Order>, looks: bool) -> Due {
        loop {
            let now = monotonic_ns();
            let due = self.pace.as_ref().filter(|_| looks).map(|pace| pace.due_ns(now));
            let left =
                due.map_or(Duration::from_secs(3600), |due| Duration::from_nanos(due.saturating_sub(now)));
            match orders.recv_timeout(left) {
                Ok(order) => return Due::Ordered(order),
                Err(RecvTimeoutError::Disconnected) => return Due::Ordered(Order::Stop),
                // The clock has the last word.
                Err(RecvTimeoutError::Timeout) if due.is_some_and(|due| due <= monotonic_ns()) => {
                    return Due::Look;
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }

    /// Takes note of a look; says how many were left out before it.
    fn began(&mut self, at_ns: u64) -> u64 {
        self.pace.as_mut().map_or(0, |pace| pace.began(at_ns).missed)
    }
}
