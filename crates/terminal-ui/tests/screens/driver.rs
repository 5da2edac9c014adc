//! Everything but threads and a terminal: events go in, what they ask for is done at once.

use std::sync::Arc;
use std::time::Duration;

use analysis::Rules;
use ratatui_core::backend::TestBackend;
use ratatui_core::terminal::Terminal;
use snapshot::Snapshot;
use terminal_ui::*;

use crate::service::service;

/// What the state machine wanted, besides what was done at once.
#[derive(Default)]
pub(crate) struct Asked {
    pub(crate) effects: Vec<Effect>,
}

/// A session with a hand-made service.
pub(crate) struct Driver {
    pub(crate) state: State,
    pub(crate) asked: Asked,
    observer: Observer,
    looks: u64,
}

impl Driver {
    /// All processes are shown.
    pub(crate) fn of_fleet(size: (u16, u16)) -> Driver {
        let state = State::new(None, Duration::from_secs(1), 64 << 20, size);
        let mut driver = Driver { state, asked: Asked::default(), observer: Observer::default(), looks: 0 };
        driver.hear(Event::Fleet(Arc::new(fleet())));
        driver
    }

    /// The service is shown, and has been looked at so often.
    pub(crate) fn of_target(size: (u16, u16), looks: u64) -> Driver {
        Driver::with_memory(size, looks, 64 << 20)
    }

    /// As `of_target`, with a bound on what looks of earlier may take.
    pub(crate) fn with_memory(size: (u16, u16), looks: u64, memory_bytes: usize) -> Driver {
        let target = Some(("shop".to_owned(), false));
        let state = State::new(target, Duration::from_secs(1), memory_bytes, size);
        let mut driver = Driver { state, asked: Asked::default(), observer: Observer::default(), looks: 0 };
        (0..looks).for_each(|_| driver.look());
        driver
    }

    /// The service is looked at once more; it has grown.
    pub(crate) fn look(&mut self) {
        self.looks += 1;
        self.look_at(service(self.looks, 40 + 20 * self.looks));
    }

    /// A look at something.
    pub(crate) fn look_at(&mut self, snapshot: Snapshot) {
        let look = self.observer.look(Rules::built_in(), Arc::new(snapshot));
        let look = Look { number: self.looks, uptime_ms: Some(66_000), ..look };
        self.hear(Event::Look(Seen { look: Arc::new(look), before: None, first: None }));
    }

    /// Takes an event in, and does what can be done at once.
    pub(crate) fn hear(&mut self, event: Event) {
        let mut effects = self.state.update(event);
        while let Some(effect) = effects.pop() {
            match effect {
                Effect::Arrange(request) => {
                    let arranged = Arc::new(arrange(Rules::built_in(), &request));
                    effects.extend(self.state.update(Event::Arranged(arranged)));
                }
                effect => self.asked.effects.push(effect),
            }
        }
    }

    /// Presses keys.
    pub(crate) fn press(&mut self, keys: impl IntoIterator<Item = Key>) {
        keys.into_iter().for_each(|key| self.hear(Event::Key(key)));
    }

    /// Types a text.
    pub(crate) fn type_in(&mut self, text: &str) {
        self.press(text.chars().map(Key::Char));
    }

    /// What a terminal shows.
    pub(crate) fn picture(&self, theme: Theme) -> String {
        let (width, height) = self.state.size;
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal.draw(|frame| draw(&self.state, theme, frame.buffer_mut())).unwrap();
        if width == 0 {
            // The backend's own text has no lines then, and no way to say so.
            return String::new();
        }
        let shown = terminal.backend().to_string();
        let lines = shown.lines().map(|line| line.trim_matches('"').trim_end().to_owned() + "\n");
        lines.collect()
    }
}

/// What a terminal without colours shows.
pub(crate) const PLAIN: Theme = Theme { colour: false, unicode: true };

fn fleet() -> Fleet {
    let process = |pid: u32, name: &str, trend: &[u64]| FleetProcess {
        pid,
        start_ticks: 7,
        name: name.to_owned(),
        threads: 9,
        uptime_ms: Some(u64::from(pid) * 1000),
        trend: trend.into(),
        inside: Ok(Inside {
            go_version: format!("go1.2{}.1", pid % 8),
            module: format!("example.com/{name}"),
            goroutines: trend.last().copied().unwrap_or(0),
            by_status: vec![(snapshot::Status::Running, 2)],
            gomaxprocs: Some(4),
            lost: 0,
        }),
    };
    let hint = Some("run as root".to_owned());
    let refused = Trouble { cause: "permission denied".to_owned(), hint };
    let refused = FleetProcess { inside: Err(refused), ..process(700, "secret", &[]) };
    Fleet {
        taken_at_unix_ms: 1_795_264_536_000,
        took_us: 7_300,
        trend: [300, 320, 390].into(),
        processes: vec![
            process(41, "api", &[10, 12, 200]),
            process(97, "evil\u{1b}[2J\n", &[5, 5, 5]),
            refused,
            process(4242, "shop", &[190, 188, 185]),
        ],
        left_out: 0,
    }
}
