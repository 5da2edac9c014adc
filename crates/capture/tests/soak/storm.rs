//! The program that is looked at: told what to do, and what it says of itself.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use target_programs::{Built, Running, TargetError};

/// Where a goroutine of the program waits: its shape, caller and level, as in `test-programs/storm`.
pub(crate) type Place = (usize, usize, usize);

/// How many goroutines there are, as the program says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Counts {
    /// `runtime.NumGoroutine`.
    pub(crate) goroutines: u64,
    /// By where they wait.
    pub(crate) places: BTreeMap<Place, u64>,
}

/// A chain of functions that is legal, innermost first, with the line of each.
pub(crate) type Chain = Vec<(String, u32)>;

/// A process of the program, which answers while something else goes on here.
pub(crate) struct Storm {
    pid: u32,
    commands: Sender<&'static str>,
    answers: Receiver<Result<String, TargetError>>,
    asking: JoinHandle<()>,
}

impl Storm {
    /// Starts it, for storms of so many goroutines.
    pub(crate) fn start(built: &Built, goroutines: u64) -> Storm {
        let mut running = Running::start(built, &[&goroutines.to_string()]).unwrap();
        let pid = running.pid();
        let (commands, wanted) = channel();
        let (sender, answers) = channel();
        let asking = std::thread::spawn(move || {
            // Ends when nobody commands any more; that kills the process.
            while let Ok(command) = wanted.recv() {
                if sender.send(running.ask_text(command)).is_err() {
                    break;
                }
            }
        });
        Storm { pid, commands, answers, asking }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    /// Says what it is to do.
    pub(crate) fn command(&self, command: &'static str) {
        self.commands.send(command).unwrap();
    }

    /// Waits for the answer, but no longer than that.
    pub(crate) fn answer_within(&self, patience: Duration) -> Option<String> {
        match self.answers.recv_timeout(patience) {
            Ok(answer) => Some(answer.unwrap()),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => panic!("nobody asks the program any more"),
        }
    }

    pub(crate) fn ask(&self, command: &'static str) -> String {
        self.command(command);
        self.answers.recv().unwrap().unwrap()
    }

    /// All legal chains, by where they lead.
    pub(crate) fn chains(&self) -> BTreeMap<Place, Chain> {
        let line = |line: &str| {
            let mut words = line.split(' ');
            let place = place(&mut words);
            let frame = |word: &str| {
                let (function, line) = word.rsplit_once(':').unwrap();
                (function.to_owned(), line.parse().unwrap())
            };
            (place, words.map(frame).collect())
        };
        self.ask("chains").lines().map(line).collect()
    }

    /// Waits until nothing is left of it, after it has killed itself.
    pub(crate) fn end(self) {
        self.command("rest");
        let answer = self.answers.recv().unwrap();
        assert!(matches!(answer, Err(TargetError::Ended { .. })), "{answer:?}");
        drop(self.commands);
        self.asking.join().unwrap();
    }
}

impl Counts {
    /// Reads an answer.
    pub(crate) fn parse(answer: &str) -> Counts {
        let (first, rest) = answer.split_once('\n').unwrap();
        let goroutines = first.strip_prefix("goroutines ").unwrap().parse().unwrap();
        let line = |line: &str| {
            let mut words = line.split(' ');
            (place(&mut words), words.next().unwrap().parse().unwrap())
        };
        Counts { goroutines, places: rest.lines().map(line).collect() }
    }

    /// By shape alone.
    pub(crate) fn shapes(&self) -> BTreeMap<usize, u64> {
        let mut shapes = BTreeMap::new();
        for ((shape, _, _), count) in &self.places {
            *shapes.entry(*shape).or_default() += count;
        }
        shapes
    }

    /// How many goroutines are elsewhere in `other`.
    pub(crate) fn misplaced(&self, other: &BTreeMap<Place, u64>) -> u64 {
        let elsewhere = |(place, count): (&Place, &u64)| {
            count.saturating_sub(other.get(place).copied().unwrap_or_default())
        };
        self.places.iter().map(elsewhere).sum()
    }
}

fn place<'w>(words: &mut impl Iterator<Item = &'w str>) -> Place {
    let mut next = || words.next().unwrap().parse().unwrap();
    (next(), next(), next())
}
