//! Signals to ourselves: end, stop as shells do, go on.

use std::io;
use std::thread;

use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGTERM, SIGTSTP};
use signal_hook::iterator::Handle;
use signal_hook::low_level::emulate_default_handler;

use crate::event::Event;
use crate::keys::Key;
use crate::mailbox::Mailbox;

/// Somebody who listens to signals, until this is dropped.
pub(crate) struct Signals(Handle);

impl Signals {
    /// Makes events of signals.
    pub(crate) fn listen(mailbox: Mailbox) -> io::Result<Signals> {
        let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM, SIGHUP, SIGTSTP, SIGCONT])?;
        let handle = signals.handle();
        let listen = move || {
            for signal in signals.forever() {
                mailbox.send(match signal {
                    SIGTSTP => Event::Key(Key::Ctrl('z')),
                    SIGCONT => Event::Resumed,
                    _ => Event::Terminate,
                });
            }
        };
        thread::Builder::new().name("signals".into()).spawn(listen)?;
        Ok(Signals(handle))
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// Stops this process as Ctrl-Z does, until somebody lets it go on.
pub(crate) fn stop_ourselves() -> io::Result<()> {
    emulate_default_handler(SIGTSTP)
}
