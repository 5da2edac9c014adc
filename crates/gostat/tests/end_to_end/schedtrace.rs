//! What Go prints with `GODEBUG=schedtrace=…,scheddetail=1`: reading it, and asking for it around a moment.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use target_programs::{Built, ErrorOutput, Running};

/// Words of a line by their names: `idleprocs=2` and the like. What is not there is `nil`, or -1 before Go 1.21.
pub(crate) type Line = BTreeMap<String, String>;

/// One trace: what one line `SCHED …` and those after it say.
#[derive(Debug, Default, Clone)]
pub(crate) struct Trace {
    /// Milliseconds since the first trace.
    ms: u64,
    /// The line `SCHED`.
    pub(crate) sched: Line,
    /// Ps by number.
    pub(crate) processors: BTreeMap<i64, Line>,
    /// Ms by number.
    pub(crate) machines: BTreeMap<i64, Line>,
    /// Goroutines by id; `status` is as `4(chan receive)`. Dead ones are among them.
    pub(crate) goroutines: BTreeMap<i64, Line>,
}

/// A process whose runtime traces its scheduler.
pub(crate) struct Traced {
    pub(crate) running: Running,
    output: ErrorOutput,
    /// What has come of the trace that is not complete yet.
    begun: Option<Trace>,
}

/// A program that prints nothing for so long has stopped.
const PATIENCE: Duration = Duration::from_secs(60);

impl Traced {
    /// Starts a program that traces itself ten times a second.
    pub(crate) fn start(built: &Built) -> Traced {
        let godebug = "schedtrace=100,scheddetail=1";
        let (running, output) = Running::start_debugging(built, &[], godebug).unwrap();
        Traced { running, output, begun: None }
    }

    /// The next complete trace.
    fn next(&mut self) -> Trace {
        loop {
            let line = self.output.lines.recv_timeout(PATIENCE).unwrap();
            if let Some(trace) = self.take(&line) {
                return trace;
            }
        }
    }

    fn take(&mut self, line: &str) -> Option<Trace> {
        let (head, words) = line.trim_start().split_once(": ")?;
        if let Some(ms) = head.strip_prefix("SCHED ") {
            let ms = ms.strip_suffix("ms")?.parse().ok()?;
            return self.begun.replace(Trace { ms, sched: parse(words), ..Trace::default() });
        }
        let trace = self.begun.as_mut()?;
        let (kind, number) = head.split_at_checked(1)?;
        let lines = match kind {
            "P" => &mut trace.processors,
            "M" => &mut trace.machines,
            "G" => &mut trace.goroutines,
            _ => return None,
        };
        lines.insert(number.parse().ok()?, parse(words));
        None
    }

    /// Does something between two traces: the first was printed before it began, the second begun after it ended.
    pub(crate) fn around<T>(&mut self, act: impl FnOnce(&Running) -> T) -> (Trace, T, Trace) {
        let before = self.next();
        let done = act(&self.running);
        // Traces count from the first one, which was after the start of the program.
        let elapsed = Instant::now().duration_since(self.output.started).as_millis();
        loop {
            let after = self.next();
            if u128::from(after.ms) > elapsed {
                return (before, done, after);
            }
        }
    }
}

fn parse(words: &str) -> Line {
    // A goroutine's status has blanks in it: 4(chan receive).
    let mut line = Line::new();
    let mut last = String::new();
    for word in words.split(' ') {
        if let Some((name, value)) = word.split_once('=') {
            last = name.to_owned();
            line.insert(last.clone(), value.to_owned());
        } else if let Some(value) = line.get_mut(&last) {
            value.push(' ');
            value.push_str(word);
        }
    }
    line
}

/// A number of a line; `None` for `nil` and for the -1 that older releases print instead.
pub(crate) fn number(line: &Line, name: &str) -> Option<i64> {
    let value = line.get(name).unwrap_or_else(|| panic!("no {name} in {line:?}"));
    match value.as_str() {
        "nil" | "-1" => None,
        "true" => Some(1),
        "false" => Some(0),
        number => Some(number.parse().unwrap_or_else(|_| panic!("{name}={number}"))),
    }
}
