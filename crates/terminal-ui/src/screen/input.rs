//! Keys, as the terminal sends them.

use std::io;
use std::thread;

use crossterm::event::{Event as TerminalEvent, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, read};

use crate::event::Event;
use crate::keys::Key;
use crate::mailbox::Mailbox;

/// Listens to the terminal, until it is gone.
pub(crate) fn listen(mailbox: Mailbox) -> io::Result<()> {
    let listen = move || {
        loop {
            match read() {
                Ok(TerminalEvent::Key(key)) => {
                    if let Some(key) = key_of(key) {
                        mailbox.send(Event::Key(key));
                    }
                }
                Ok(TerminalEvent::Resize(width, height)) => mailbox.send(Event::Resize(width, height)),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => {
                    mailbox.send(Event::Terminate);
                    return;
                }
            }
        }
    };
    thread::Builder::new().name("keys".into()).spawn(listen).map(|_| ())
}

fn key_of(event: KeyEvent) -> Option<Key> {
    if event.kind == KeyEventKind::Release {
        return None;
    }
    let ctrl = event.modifiers.contains(KeyModifiers::CONTROL);
    Some(match event.code {
        KeyCode::Char(character) if ctrl => Key::Ctrl(character.to_ascii_lowercase()),
        KeyCode::Char(character) => Key::Char(character),
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::Left => Key::Left,
        KeyCode::Right => Key::Right,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        KeyCode::Enter => Key::Enter,
        KeyCode::Esc => Key::Esc,
        KeyCode::Tab => Key::Tab,
        KeyCode::BackTab => Key::BackTab,
        KeyCode::Backspace | KeyCode::Delete => Key::Backspace,
        _ => return None,
    })
}
