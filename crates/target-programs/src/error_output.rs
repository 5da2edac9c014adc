//! What a program's runtime prints of itself: `GODEBUG` traces on the standard error.

use std::io::{BufRead, BufReader};
use std::process::ChildStderr;
use std::sync::mpsc::{Receiver, channel};
use std::time::Instant;

/// Lines of a program's standard error, as they come. They are taken from the program at once: it never waits
/// for whoever reads here.
#[derive(Debug)]
pub struct ErrorOutput {
    /// When the program was about to be started: whatever time it counts from is later.
    pub started: Instant,
    /// Its lines; closed when it has ended.
    pub lines: Receiver<String>,
}

impl ErrorOutput {
    pub(crate) fn of(output: Option<ChildStderr>, started: Instant) -> Self {
        let (sender, lines) = channel();
        if let Some(output) = output {
            std::thread::spawn(move || {
                let lines = BufReader::new(output).lines().map_while(Result::ok);
                // The receiver may be gone; the program has to get rid of its lines all the same.
                lines.for_each(|line| drop(sender.send(line)));
            });
        }
        ErrorOutput { started, lines }
    }
}
