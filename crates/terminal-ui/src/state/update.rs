//! What events change.

use super::{State, Watch};
use crate::event::{Effect, Event, Progress};
use crate::fleet::Fleet;
use crate::keys::View;
use std::sync::Arc;

impl State {
    /// Takes an event in, and says what is to be done.
    pub fn update(&mut self, event: Event) -> Vec<Effect> {
        match event {
            Event::Key(key) => return self.press(key),
            Event::Resize(width, height) => {
                self.size = (width, height);
                self.settle();
            }
            Event::Fleet(fleet) => self.take_fleet(fleet),
            Event::Look(seen) => {
                if let Some(watch) = &mut self.watch {
                    let is_held = watch.held.is_some();
                    let before = watch.held;
                    watch.take(seen);
                    // The held picture stays as it is, unless it had to be given up.
                    if !is_held || watch.held != before {
                        return self.arrange();
                    }
                }
            }
            Event::Arranged(arranged) => {
                let page = self.page();
                if let Some(watch) = &mut self.watch {
                    watch.take_arranged(arranged, page);
                    self.settle();
                }
            }
            Event::Gone(trouble) => {
                if let Some(watch) = &mut self.watch {
                    let at = watch.history.newest().map_or(0, |look| look.taken_at_unix_ms);
                    watch.log.add(at, &format!("END    {}", trouble.cause));
                    watch.gone = Some(trouble.clone());
                    watch.recorded = None;
                }
                self.complain(&trouble);
            }
            Event::Trouble(trouble) => self.complain(&trouble),
            Event::Recorded(recorded) => self.note_recording(recorded),
            Event::Search(question, progress) => {
                if let Some(watch) = &mut self.watch {
                    let at = watch.shown().map_or(0, |(look, _)| look.taken_at_unix_ms);
                    if let Progress::Failed(trouble) = &progress {
                        watch.log.add(at, &format!("ERROR  {}", trouble.cause));
                    }
                    watch.note(question, progress);
                    self.settle();
                }
            }
            Event::Terminate => return vec![Effect::Quit],
            Event::Resumed => return vec![Effect::Redraw],
        }
        Vec::new()
    }

    fn take_fleet(&mut self, fleet: Arc<Fleet>) {
        self.overview.fleet = Some(fleet);
        // While a target is shown, the table is behind it.
        let page = if self.watch.is_none() { self.page() } else { 1 };
        self.overview.arrange(page);
    }

    fn note_recording(&mut self, recorded: Option<crate::event::Recorded>) {
        let Some(watch) = &mut self.watch else { return };
        let at = watch.history.newest().map_or(0, |look| look.taken_at_unix_ms);
        let text = match (&watch.recorded, &recorded) {
            (None, Some(begun)) => Some(format!("recording to {}", begun.path.display())),
            (Some(ended), None) => Some(format!("{} moments are in {}", ended.moments, ended.path.display())),
            _ => None,
        };
        watch.recorded = recorded;
        if let Some(text) = text {
            watch.log.add(at, &format!("RECORD {text}"));
            self.say(text);
        }
    }

    /// Asks for the look that is shown to be filtered and sorted.
    pub(super) fn arrange(&mut self) -> Vec<Effect> {
        let request = self.watch.as_mut().and_then(Watch::request);
        request.map(|request| Effect::Arrange(Box::new(request))).into_iter().collect()
    }

    /// Keeps everything on the screen after the size, the view or the rows have changed.
    pub(super) fn settle(&mut self) {
        let page = self.page();
        match &mut self.watch {
            None => self.overview.arrange(page),
            Some(watch) => {
                if matches!(watch.view, View::Clusters | View::Goroutines) {
                    watch.table = watch.view;
                    watch.follow(page);
                }
                let (view, lines) = (watch.view, watch.lines().len());
                watch.scrolls.entry(view).or_default().within(lines, page);
            }
        }
        if let Some(scroll) = &mut self.help {
            scroll.within(crate::keys::help_lines().len(), page);
        }
    }
}
