//! What keys do.

use std::time::Duration;

use super::moves::scroll_by;
use super::{INTERVALS_MS, Prompt, Purpose, Scroll, State, Watch};
use crate::event::{Effect, Progress, Question};
use crate::keys::{Action, Key, View, action_of, help_lines};

impl State {
    /// Takes a key in.
    pub(super) fn press(&mut self, key: Key) -> Vec<Effect> {
        if self.prompt.is_some() {
            return self.type_in(key);
        }
        self.message = None;
        let Some(action) = action_of(key) else { return Vec::new() };
        if self.help.is_some() {
            return self.act_in_help(action);
        }
        self.act(action)
    }

    fn act_in_help(&mut self, action: Action) -> Vec<Effect> {
        let (page, lines) = (self.page(), help_lines().len());
        match action {
            Action::Quit | Action::Suspend | Action::Redraw => return self.act(action),
            Action::Help | Action::Back => {
                self.help = None;
                self.settle();
            }
            _ => {
                if let Some(scroll) = &mut self.help {
                    scroll_by(scroll, action, page);
                    scroll.within(lines, page);
                }
            }
        }
        Vec::new()
    }

    fn act(&mut self, action: Action) -> Vec<Effect> {
        match action {
            Action::Quit => return vec![Effect::Quit],
            Action::Redraw => return vec![Effect::Redraw],
            Action::Suspend => return vec![Effect::Suspend],
            Action::Help => self.help = Some(Scroll::default()),
            Action::Faster => return self.change_interval(false),
            Action::Slower => return self.change_interval(true),
            Action::Filter => self.ask_for_text(),
            Action::Open => return self.open(),
            Action::Back => return self.back(),
            Action::SortNext | Action::SortPrevious | Action::Reverse => return self.sort(action),
            Action::Up
            | Action::Down
            | Action::PageUp
            | Action::PageDown
            | Action::First
            | Action::Last
            | Action::Left
            | Action::Right => self.go(action),
            Action::View(_)
            | Action::NextView
            | Action::PreviousView
            | Action::Pause
            | Action::StepBack
            | Action::StepForward
            | Action::Record
            | Action::FindLeaks
            | Action::AskWhy
            | Action::FindNext => return self.act_on_target(action),
        }
        Vec::new()
    }

    fn act_on_target(&mut self, action: Action) -> Vec<Effect> {
        let Some(watch) = &mut self.watch else {
            self.say("open a process first: Enter");
            return Vec::new();
        };
        match action {
            Action::View(view) => return self.show(view),
            Action::NextView => {
                let view = watch.view.step(true);
                return self.show(view);
            }
            Action::PreviousView => {
                let view = watch.view.step(false);
                return self.show(view);
            }
            Action::Pause => return self.pause(),
            Action::StepBack => return self.step(false),
            Action::StepForward => return self.step(true),
            Action::Record => return self.record(),
            Action::FindLeaks => return self.ask(Question::Leaks, View::Leaks),
            Action::AskWhy => match watch.goroutine_in_question() {
                Some(goroutine) => return self.ask(Question::Why(goroutine), View::Why),
                None => self.say("select a goroutine or a cluster first"),
            },
            _ => {
                let lines = watch.lines();
                let scroll = watch.scrolls.entry(watch.view).or_default();
                if scroll.search.is_some() && !scroll.find_next(&lines) {
                    self.say("nothing found");
                }
                self.settle();
            }
        }
        Vec::new()
    }

    pub(super) fn show(&mut self, view: View) -> Vec<Effect> {
        let Some(watch) = &mut self.watch else { return Vec::new() };
        watch.view = view;
        if matches!(view, View::Clusters | View::Goroutines) {
            watch.table = view;
        }
        if view == View::Stack {
            watch.scrolls.insert(View::Stack, Scroll::default());
        }
        let effects = if view == View::Goroutines { self.arrange() } else { Vec::new() };
        self.settle();
        effects
    }

    fn ask(&mut self, question: Question, view: View) -> Vec<Effect> {
        let Some(watch) = &mut self.watch else { return Vec::new() };
        let working = |progress: &Progress| matches!(progress, Progress::Working(_));
        let is_busy =
            watch.leaks.as_ref().is_some_and(working) || watch.why.as_ref().is_some_and(|(_, p)| working(p));
        let index = watch.shown().and_then(|(look, _)| look.place.as_ref()).map(|place| place.index);
        let mut effects = self.show(view);
        if is_busy {
            self.say("one search at a time: this one is not over yet");
            return effects;
        }
        if let Some(watch) = &mut self.watch {
            watch.note(question, Progress::Working("attaching".to_owned()));
            watch.scrolls.insert(view, Scroll::default());
        }
        effects.push(Effect::Ask(question, index));
        effects
    }

    fn pause(&mut self) -> Vec<Effect> {
        let Some(watch) = &mut self.watch else { return Vec::new() };
        if watch.is_recording {
            watch.playing = !watch.playing;
            return vec![Effect::Play(watch.playing)];
        }
        watch.held = match watch.held {
            Some(_) => None,
            None => watch.history.newest().map(|look| look.number),
        };
        self.arrange()
    }

    fn step(&mut self, forward: bool) -> Vec<Effect> {
        let Some(watch) = &mut self.watch else { return Vec::new() };
        if let Some(place) = watch.seen.as_ref().and_then(|seen| seen.look.place.as_ref()) {
            let wanted = if forward { Some(place.index + 1) } else { place.index.checked_sub(1) };
            let wanted = wanted.filter(|index| *index < place.count());
            watch.playing = false;
            let Some(index) = wanted else {
                self.say(if forward { "this is the last moment" } else { "this is the first moment" });
                return vec![Effect::Play(false)];
            };
            return vec![Effect::Play(false), Effect::Show(index)];
        }
        let Some((shown, _)) = watch.shown() else { return Vec::new() };
        match watch.history.step(shown.number, forward) {
            Some(number) => watch.held = Some(number),
            None if forward => self.say("this is the newest look"),
            None => self.say("no earlier look is kept"),
        }
        self.arrange()
    }

    fn record(&mut self) -> Vec<Effect> {
        let Some(watch) = &self.watch else { return Vec::new() };
        if watch.is_recording {
            self.say("this is a recording already");
        } else if watch.recorded.is_some() {
            return vec![Effect::Record(None)];
        } else if watch.gone.is_some() {
            self.say("the process is gone");
        } else {
            let look = watch.history.newest();
            let (pid, at) = look.map_or((0, 0), |look| (look.target.pid, look.taken_at_unix_ms));
            let time = crate::text::time_of_day(at).replace([':', 'Z'], "");
            let name: String = look.map(|look| look.target.name.as_str()).unwrap_or_default().into();
            let name: String =
                name.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect();
            let text = format!("{name}-{pid}-{time}.gostat");
            self.prompt = Some(Prompt { purpose: Purpose::File, text, complaint: None });
        }
        Vec::new()
    }

    fn change_interval(&mut self, slower: bool) -> Vec<Effect> {
        let now = u64::try_from(self.interval.as_millis()).unwrap_or(u64::MAX);
        let next = match slower {
            true => INTERVALS_MS.iter().find(|ms| **ms > now),
            false => INTERVALS_MS.iter().rev().find(|ms| **ms < now),
        };
        let Some(ms) = next else { return Vec::new() };
        self.interval = Duration::from_millis(*ms);
        vec![Effect::Interval(self.interval)]
    }

    fn open(&mut self) -> Vec<Effect> {
        let Some(watch) = &mut self.watch else {
            let Some(process) = self.overview.process(self.overview.cursor.index) else { return Vec::new() };
            if let Err(trouble) = &process.inside {
                let trouble = trouble.clone();
                self.complain(&trouble);
                return Vec::new();
            }
            let (effect, name) = (Effect::Open(process.pid, process.start_ticks), process.name.clone());
            self.watch = Some(Watch::new(name, false, self.memory_bytes));
            return vec![effect];
        };
        match watch.view {
            View::Clusters => {
                watch.query.cluster = watch.selected_cluster().map(|cluster| cluster.key);
                watch.goroutines = super::Cursor::default();
                self.show(View::Goroutines)
            }
            View::Goroutines => self.show(View::Stack),
            View::Stack => match watch.goroutine_in_question() {
                Some(goroutine) => self.ask(Question::Why(goroutine), View::Why),
                None => Vec::new(),
            },
            View::Why | View::Leaks | View::Scheduler | View::Events => Vec::new(),
        }
    }

    fn back(&mut self) -> Vec<Effect> {
        let Some(watch) = &mut self.watch else {
            self.overview.filter = None;
            self.settle();
            return Vec::new();
        };
        match watch.view {
            View::Clusters | View::Goroutines if watch.query.filter.is_some() => {
                watch.query.filter = None;
                self.arrange()
            }
            View::Goroutines => {
                watch.query.cluster = None;
                self.show(View::Clusters)
            }
            View::Clusters if watch.held.is_some() => {
                watch.held = None;
                self.arrange()
            }
            View::Clusters if self.has_overview => {
                self.watch = None;
                self.settle();
                vec![Effect::Close]
            }
            View::Clusters => Vec::new(),
            _ => {
                let table = watch.table;
                self.show(table)
            }
        }
    }
}
