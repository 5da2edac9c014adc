//! The terminal: taken over, drawn to, and given back whatever happens.

mod input;
mod signals;

use std::io::{self, BufWriter, Stdout, Write, stdout};
use std::sync::Once;

use crossterm::cursor::{Hide, Show};
use crossterm::execute;
use crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode, size,
};
use ratatui_core::layout::Rect;
use ratatui_core::terminal::Terminal;
use ratatui_crossterm::CrosstermBackend;

use crate::draw::draw;
use crate::settings::Theme;
use crate::state::State;

pub(crate) use input::listen;
pub(crate) use signals::{Signals, stop_ourselves};

/// A terminal that we have taken over. It is given back when this is dropped, and when anything panics.
pub(crate) struct Screen {
    terminal: Terminal<CrosstermBackend<BufWriter<Stdout>>>,
}

impl Screen {
    /// Takes the terminal over.
    pub(crate) fn enter() -> io::Result<Screen> {
        static HOOK: Once = Once::new();
        HOOK.call_once(|| {
            let told = std::panic::take_hook();
            // The message of a panic would be lost on the other screen.
            std::panic::set_hook(Box::new(move |panic| {
                give_back();
                told(panic);
            }));
        });
        take_over()?;
        // From here on it is given back if something fails.
        let terminal = Terminal::new(CrosstermBackend::new(BufWriter::new(stdout())));
        terminal.map(|terminal| Screen { terminal }).inspect_err(|_| give_back())
    }

    /// Columns and lines. Some terminals do not say.
    pub(crate) fn size() -> (u16, u16) {
        size().ok().filter(|(width, height)| *width > 0 && *height > 0).unwrap_or((80, 24))
    }

    /// Shows a state. Only what has changed is sent.
    pub(crate) fn show(&mut self, state: &State, theme: Theme) -> io::Result<()> {
        self.terminal.draw(|frame| draw(state, theme, frame.buffer_mut())).map(|_| ())
    }

    /// Forgets what the terminal shows: everything is sent again.
    pub(crate) fn forget(&mut self) -> io::Result<()> {
        // `Terminal::clear` would ask the terminal where its cursor is, and the answer goes to the thread with the keys.
        let size = self.terminal.size()?;
        self.terminal.resize(Rect { x: 0, y: 0, width: size.width, height: size.height })
    }

    /// Gives the terminal back for a while.
    pub(crate) fn leave(&mut self) {
        give_back();
    }

    /// Takes it over again.
    pub(crate) fn come_back(&mut self) -> io::Result<()> {
        take_over()?;
        self.forget()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

fn take_over() -> io::Result<()> {
    enable_raw_mode()?;
    execute!(stdout(), EnterAlternateScreen, Hide).inspect_err(|_| give_back())
}

/// Does no harm where there is nothing to be given back, or nobody left to take it.
fn give_back() {
    let _ = execute!(stdout(), Show, LeaveAlternateScreen);
    let _ = stdout().flush();
    let _ = disable_raw_mode();
}
