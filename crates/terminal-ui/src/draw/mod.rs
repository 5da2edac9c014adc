//! From state to screen: the same state is always the same picture.

mod painter;
mod grid;
mod header;
mod tables;
mod texts;

use ratatui_core::buffer::Buffer;

use crate::keys::View;
use crate::settings::Theme;
use crate::state::{Purpose, State};
use painter::{Painter, Tone};

/// Draws everything. The buffer is as large as the state says, or larger.
pub fn draw(state: &State, theme: Theme, buffer: &mut Buffer) {
    let mut painter = Painter::new(buffer, theme);
    let layout = state.layout();
    match (&state.help, &state.watch) {
        (Some(scroll), _) => {
            painter.text(layout.header, 0, 0, "gostat top: help", Tone::Title);
            painter.text(layout.header, 1, 0, "Esc goes back", Tone::Faint);
            texts::text(&mut painter, layout.body, &crate::keys::help_lines(), scroll);
        }
        (None, None) => {
            header::of_fleet(&mut painter, layout.header, state);
            tables::processes(&mut painter, &layout, &state.overview);
        }
        (None, Some(watch)) => {
            header::of_target(&mut painter, layout.header, state, watch);
            header::tabs(&mut painter, layout.tabs, watch);
            match watch.view {
                View::Clusters => tables::clusters(&mut painter, &layout, watch),
                View::Goroutines => tables::goroutines(&mut painter, &layout, watch),
                view => {
                    let scroll = watch.scrolls.get(&view).cloned().unwrap_or_default();
                    texts::text(&mut painter, layout.body, &watch.lines(), &scroll);
                }
            }
            if layout.pane.height > 1 {
                texts::pane(&mut painter, layout.pane, &watch.details());
            }
        }
    }
    footer(&mut painter, state);
}

fn footer(painter: &mut Painter<'_>, state: &State) {
    let area = state.layout().footer;
    if let Some(prompt) = &state.prompt {
        let question = match prompt.purpose {
            Purpose::Filter => "filter: ",
            Purpose::Search => "search: ",
            Purpose::File => "record to file: ",
        };
        // The end of what is typed is seen.
        let room = usize::from(area.width).saturating_sub(question.len() + 2);
        let skipped = prompt.text.chars().count().saturating_sub(room);
        let typed: String = prompt.text.chars().skip(skipped).collect();
        let x = painter.text(area, 0, 0, question, Tone::Title);
        let x = painter.text(area, 0, x, &typed, Tone::Plain);
        let x = painter.text(area, 0, x, "_", Tone::Selected);
        if let Some(complaint) = &prompt.complaint {
            painter.text(area, 0, x.saturating_add(1), complaint, Tone::Bad);
        }
        return;
    }
    if let Some(message) = &state.message {
        let (mark, tone) = if message.is_trouble { ("! ", Tone::Bad) } else { ("", Tone::Warning) };
        painter.text(area, 0, 0, &format!("{mark}{}", message.text), tone);
        return;
    }
    let keys = match (&state.help, &state.watch) {
        (Some(_), _) => "Esc back  j/k scroll  q quit",
        (None, None) => "Enter open  / filter  s sort  r reverse  +/- interval  ? help  q quit",
        (None, Some(watch)) => match watch.view {
            View::Clusters => {
                "Enter goroutines  y why  L leaks  / filter  s sort  Space hold  ? help  q quit"
            }
            View::Goroutines => "Enter stack  y why  / filter  s sort  Space hold  [ ] time  ? help  q quit",
            View::Stack => "Enter why  / search  n next  Esc back  ? help  q quit",
            View::Leaks => "L search  / search text  Esc back  w record  ? help  q quit",
            View::Why | View::Scheduler | View::Events => {
                "/ search  n next  arrows scroll  Esc back  Tab next view  ? help  q quit"
            }
        },
    };
    painter.text(area, 0, 0, keys, Tone::Faint);
}
