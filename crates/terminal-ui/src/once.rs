//! One picture as text, for where there is no terminal.

use std::sync::Arc;

use capture::{Options, Source};
use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Rect;

use crate::app::Shown;
use crate::arrange::arrange;
use crate::draw::draw;
use crate::event::{Effect, Event, Seen};
use crate::keys::View;
use crate::look::{Look, Observer};
use crate::sampling::{Player, Watcher, uptime_of};
use crate::settings::{Settings, Theme, Trouble};
use crate::state::State;

/// Looks once, and shows that in so many columns and lines.
///
/// # Errors
/// When it cannot be looked at.
pub fn once(shown: Shown, settings: &Settings, size: (u16, u16), view: View) -> Result<String, Trouble> {
    let mut state = shown.state(settings, size);
    let event = match shown {
        Shown::Fleet => Event::Fleet(Arc::new(Watcher::default().look()?)),
        Shown::Target { source, .. } => Event::Look(seen(*source, settings)?),
    };
    if let Some(watch) = &mut state.watch {
        watch.view = view;
    }
    let mut effects = state.update(event);
    while let Some(effect) = effects.pop() {
        if let Effect::Arrange(request) = effect {
            effects.extend(state.update(Event::Arranged(Arc::new(arrange(&settings.rules, &request)))));
        }
    }
    Ok(picture(&state, settings.theme))
}

fn seen(source: Source, settings: &Settings) -> Result<Seen, Trouble> {
    match source {
        Source::Live(mut session) => {
            session.set_workers(settings.workers);
            let snapshot =
                session.snapshot(&Options::EVERYTHING).map_err(|error| Trouble::new(&error, error.hint()))?;
            let look = Observer::default().look(&settings.rules, Arc::new(snapshot));
            let look = Arc::new(Look { number: 1, uptime_ms: uptime_of(&session), ..look });
            Ok(Seen { look, before: None, first: None })
        }
        Source::Replay(replay) => {
            let mut player = Player::new(*replay);
            player.seen(player.index(), settings)
        }
    }
}

/// The screen as lines of text, without colours and without blanks at their ends.
pub fn picture(state: &State, theme: Theme) -> String {
    let (width, height) = state.size;
    let mut buffer = Buffer::empty(Rect { x: 0, y: 0, width, height });
    draw(state, theme, &mut buffer);
    let mut text = String::new();
    for y in 0..height {
        let mut line = String::new();
        let mut skipped = 0;
        for x in 0..width {
            let symbol = buffer.cell((x, y)).map_or(" ", |cell| cell.symbol());
            // Behind a wide character is a cell that belongs to it.
            if skipped > 0 {
                skipped -= 1;
                continue;
            }
            skipped = ratatui_core::text::Span::raw(symbol).width().saturating_sub(1);
            line.push_str(symbol);
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}
