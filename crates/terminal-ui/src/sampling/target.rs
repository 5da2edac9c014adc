//! Looking at a process, one look after the other, and recording that.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::Receiver;

use capture::{Options, Session, monotonic_ns};
use linux_process::ProcessTable;
use recording::{Code, Moment};

use super::{Clock, Due, Order};
use crate::event::{Event, Recorded, Seen};
use crate::look::{Look, Observer};
use crate::mailbox::Mailbox;
use crate::settings::{Settings, Tape, Trouble};

/// A recording that is being made.
struct Recorder {
    tape: Box<dyn Tape>,
    recorded: Recorded,
}

/// Looks until it is told to stop, or the process is gone.
pub(super) fn run(mut session: Session, settings: &Settings, mailbox: &Mailbox, orders: &Receiver<Order>) {
    session.set_workers(settings.workers);
    let mut clock = Clock::new(settings.interval);
    let (mut observer, mut recorder, mut number) = (Observer::default(), None, 0);
    loop {
        match clock.wait(orders, true) {
            Due::Ordered(Order::Stop) => break,
            Due::Ordered(Order::Interval(interval)) => clock = Clock::new(interval),
            Due::Ordered(Order::Record(path)) => {
                finish(recorder.take(), mailbox);
                recorder = path.and_then(|path| begin(path, settings, mailbox));
            }
            Due::Ordered(Order::Show(_) | Order::Play(_)) => {}
            Due::Look => {
                let missed = clock.began(monotonic_ns());
                number += 1;
                let look = match look(&mut session, settings, &mut observer, &mut recorder, mailbox) {
                    Ok(look) => look,
                    Err(trouble) => {
                        finish(recorder.take(), mailbox);
                        mailbox.send(Event::Gone(trouble));
                        return;
                    }
                };
                let uptime_ms = uptime_of(&session);
                // The first look comes at once: nothing was due before it.
                let missed = if number == 1 { 0 } else { missed };
                let look = Arc::new(Look { number, missed, uptime_ms, ..look });
                mailbox.send(Event::Look(Seen { look, before: None, first: None }));
            }
        }
    }
    finish(recorder, mailbox);
}

/// How long the process of a session has been running, milliseconds.
pub(crate) fn uptime_of(session: &Session) -> Option<u64> {
    let uptime = ProcessTable::default().machine_uptime_ms()?;
    Some(ProcessTable::uptime_ms(uptime, session.start_ticks()?))
}

fn look(
    session: &mut Session,
    settings: &Settings,
    observer: &mut Observer,
    recorder: &mut Option<Recorder>,
    mailbox: &Mailbox,
) -> Result<Look, Trouble> {
    let mut snapshot =
        session.snapshot(&Options::EVERYTHING).map_err(|error| Trouble::new(&error, error.hint()))?;
    if let Some(mut running) = recorder.take() {
        let code = session.code_mapping();
        let code = code.map(|code| Code { start: code.start, end: code.end, file_offset: code.file_offset });
        let moment = Moment { snapshot, code, heap: None };
        match running.tape.append(&moment) {
            Ok(()) => {
                running.recorded.moments += 1;
                mailbox.send(Event::Recorded(Some(running.recorded.clone())));
                *recorder = Some(running);
            }
            Err(trouble) => {
                finish(Some(running), mailbox);
                mailbox.send(Event::Trouble(trouble));
            }
        }
        snapshot = moment.snapshot;
    }
    Ok(observer.look(&settings.rules, Arc::new(snapshot)))
}

fn begin(path: PathBuf, settings: &Settings, mailbox: &Mailbox) -> Option<Recorder> {
    match (settings.open_tape)(&path) {
        Ok(tape) => {
            let recorded = Recorded { path, moments: 0 };
            mailbox.send(Event::Recorded(Some(recorded.clone())));
            Some(Recorder { tape, recorded })
        }
        Err(trouble) => {
            mailbox.send(Event::Trouble(trouble));
            None
        }
    }
}

fn finish(recorder: Option<Recorder>, mailbox: &Mailbox) {
    let Some(Recorder { tape, .. }) = recorder else { return };
    let finished = tape.finish();
    mailbox.send(Event::Recorded(None));
    if let Err(trouble) = finished {
        mailbox.send(Event::Trouble(trouble));
    }
}
