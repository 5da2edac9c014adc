//! Typing: filters, searches, names of files.

use std::path::PathBuf;

use super::{Prompt, Purpose, State};
use crate::event::Effect;
use crate::keys::{Key, View};
use crate::query::Condition;

/// Nobody types more.
const TYPED_MAX: usize = 1000;

impl State {
    /// Begins to ask for a filter where a table is shown, else for what to search.
    pub(super) fn ask_for_text(&mut self) {
        let (purpose, text) = match &self.watch {
            None => (Purpose::Filter, self.overview.filter.clone()),
            Some(watch) if matches!(watch.view, View::Clusters | View::Goroutines) => {
                (Purpose::Filter, watch.query.filter.as_ref().map(|filter| filter.typed.clone()))
            }
            Some(watch) => {
                (Purpose::Search, watch.scrolls.get(&watch.view).and_then(|scroll| scroll.search.clone()))
            }
        };
        self.prompt = Some(Prompt { purpose, text: text.unwrap_or_default(), complaint: None });
    }

    /// Takes a key in while something is typed.
    pub(super) fn type_in(&mut self, key: Key) -> Vec<Effect> {
        let Some(prompt) = &mut self.prompt else { return Vec::new() };
        match key {
            Key::Esc | Key::Ctrl('c') => self.prompt = None,
            Key::Enter => return self.typed(),
            Key::Backspace => {
                prompt.text.pop();
                prompt.complaint = None;
            }
            Key::Ctrl('u') => prompt.text.clear(),
            Key::Ctrl('z') => return vec![Effect::Suspend],
            Key::Char(character) if prompt.text.len() < TYPED_MAX && !character.is_control() => {
                prompt.text.push(character);
                prompt.complaint = None;
            }
            _ => {}
        }
        Vec::new()
    }

    fn typed(&mut self) -> Vec<Effect> {
        let Some(prompt) = self.prompt.take() else { return Vec::new() };
        let text = prompt.text.trim();
        match (prompt.purpose, &mut self.watch) {
            (Purpose::Filter, None) => {
                self.overview.filter = Some(text.to_owned()).filter(|text| !text.is_empty());
                self.settle();
            }
            (Purpose::Filter, Some(watch)) if text.is_empty() => {
                watch.query.filter = None;
                return self.arrange();
            }
            (Purpose::Filter, Some(watch)) => match Condition::parse(text) {
                Ok(condition) => {
                    watch.query.filter = Some(condition);
                    return self.arrange();
                }
                Err(error) => {
                    let hint = error.hint().map(|hint| format!(" ({hint})")).unwrap_or_default();
                    let complaint = Some(format!("{error}{hint}"));
                    self.prompt = Some(Prompt { complaint, ..prompt });
                }
            },
            (Purpose::Search, watch) => {
                let Some(watch) = watch else { return Vec::new() };
                let lines = watch.lines();
                let scroll = watch.scrolls.entry(watch.view).or_default();
                scroll.search = Some(text.to_owned()).filter(|text| !text.is_empty());
                if scroll.search.is_some() && !scroll.find_next(&lines) {
                    self.say("nothing found");
                }
                self.settle();
            }
            (Purpose::File, _) if text.is_empty() => {}
            (Purpose::File, _) => return vec![Effect::Record(Some(PathBuf::from(text)))],
        }
        Vec::new()
    }
}
