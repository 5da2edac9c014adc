//! One process of a program: started, ready, asked, and killed when it is not needed any more.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use crate::build::Built;
use crate::error::TargetError;
use crate::error_output::ErrorOutput;

/// Emulators on busy machines are slow; a program that takes longer will never answer.
const PATIENCE: Duration = Duration::from_secs(300);

/// A process that is killed when this is dropped.
#[derive(Debug)]
pub struct Running {
    name: String,
    child: Child,
    questions: Option<ChildStdin>,
    answers: Receiver<Answer>,
}

/// What a program sends: the line `ready`, and later an answer to each question.
#[derive(Debug)]
enum Answer {
    Ready,
    Ok(Vec<u8>),
    Error(Vec<u8>),
}

impl Running {
    /// Starts a program and waits until it says that all its goroutines are where they shall be.
    ///
    /// # Errors
    /// When it cannot be started, ends, or is not ready in time.
    pub fn start(built: &Built, arguments: &[&str]) -> Result<Running, TargetError> {
        Running::spawn(built, command(built, arguments))?.when_ready()
    }

    /// As [`Running::start`], with variables in its environment.
    ///
    /// # Errors
    /// As [`Running::start`].
    pub fn start_with(
        built: &Built,
        arguments: &[&str],
        environment: &[(&str, &str)],
    ) -> Result<Running, TargetError> {
        let mut command = command(built, arguments);
        command.envs(environment.iter().copied());
        Running::spawn(built, command)?.when_ready()
    }

    /// As [`Running::start`], with settings of the runtime (`GODEBUG`), and with what it prints because of them.
    ///
    /// # Errors
    /// As [`Running::start`].
    pub fn start_debugging(
        built: &Built,
        arguments: &[&str],
        godebug: &str,
    ) -> Result<(Running, ErrorOutput), TargetError> {
        let mut command = command(built, arguments);
        command.env("GODEBUG", godebug).stderr(Stdio::piped());
        let started = Instant::now();
        let mut running = Running::spawn(built, command)?;
        let output = ErrorOutput::of(running.child.stderr.take(), started);
        Ok((running.when_ready()?, output))
    }

    fn spawn(built: &Built, mut command: Command) -> Result<Running, TargetError> {
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child =
            child.map_err(|cause| TargetError::Tool { tool: command.get_program().into(), cause })?;
        let questions = child.stdin.take();
        let (sender, answers) = channel();
        if let Some(output) = child.stdout.take() {
            // Ends with the program's output, so at the latest when the program is killed.
            std::thread::spawn(move || read_answers(BufReader::new(output), &sender));
        }
        Ok(Running { name: built.build.to_string(), child, questions, answers })
    }

    fn when_ready(mut self) -> Result<Running, TargetError> {
        match self.answer("ready")? {
            Answer::Ready => Ok(self),
            Answer::Ok(answer) | Answer::Error(answer) => Err(self.refusal("ready", &answer)),
        }
    }

    /// Its process id; under an emulator, the emulator's.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Asks a question of `test-programs/README.md`.
    ///
    /// # Errors
    /// When it has ended, does not answer in time, or answers that it cannot.
    pub fn ask(&mut self, question: &str) -> Result<Vec<u8>, TargetError> {
        if let Some(questions) = &mut self.questions {
            // A broken pipe shows in the answer that does not come.
            let _ = writeln!(questions, "{question}").and_then(|()| questions.flush());
        }
        match self.answer(question)? {
            Answer::Ok(answer) => Ok(answer),
            Answer::Ready => Err(self.refusal(question, b"ready")),
            Answer::Error(answer) => Err(self.refusal(question, &answer)),
        }
    }

    /// As [`Running::ask`], for answers that are text.
    ///
    /// # Errors
    /// As [`Running::ask`].
    pub fn ask_text(&mut self, question: &str) -> Result<String, TargetError> {
        Ok(String::from_utf8_lossy(&self.ask(question)?).into_owned())
    }

    fn answer(&mut self, question: &str) -> Result<Answer, TargetError> {
        self.answers.recv_timeout(PATIENCE).map_err(|cause| {
            let (build, question) = (self.name.clone(), question.to_owned());
            match cause {
                RecvTimeoutError::Timeout => TargetError::Late { build, question, patience: PATIENCE },
                RecvTimeoutError::Disconnected => TargetError::Ended { build, question },
            }
        })
    }

    fn refusal(&self, question: &str, answer: &[u8]) -> TargetError {
        TargetError::Refused {
            build: self.name.clone(),
            question: question.to_owned(),
            answer: String::from_utf8_lossy(answer).into_owned(),
        }
    }
}

fn command(built: &Built, arguments: &[&str]) -> Command {
    let mut words = built.command.iter();
    let mut command = Command::new(words.next().cloned().unwrap_or_default());
    command.args(words).args(arguments);
    command
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself; there is nobody to tell.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads until the output ends or is not of the protocol; the receiver then sees the channel closed.
fn read_answers(mut output: BufReader<ChildStdout>, answers: &Sender<Answer>) {
    while let Some(answer) = read_answer(&mut output) {
        if answers.send(answer).is_err() {
            return;
        }
    }
}

fn read_answer(output: &mut impl BufRead) -> Option<Answer> {
    let mut line = String::new();
    output.read_line(&mut line).ok()?;
    let line = line.strip_suffix('\n')?;
    if line == "ready" {
        return Some(Answer::Ready);
    }
    let (kind, length) = line.split_once(' ')?;
    let mut body = Vec::new();
    let length: u64 = length.parse().ok()?;
    output.take(length).read_to_end(&mut body).ok()?;
    if body.len() as u64 != length {
        return None;
    }
    match kind {
        "ok" => Some(Answer::Ok(body)),
        "error" => Some(Answer::Error(body)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_to_their_length_and_not_beyond() {
        let mut output = &b"ready\nok 5\na\nb\ncerror 0\nok 9\nshort"[..];
        assert!(matches!(read_answer(&mut output), Some(Answer::Ready)));
        assert!(matches!(read_answer(&mut output), Some(Answer::Ok(body)) if body == b"a\nb\nc"));
        assert!(matches!(read_answer(&mut output), Some(Answer::Error(body)) if body.is_empty()));
        assert!(read_answer(&mut output).is_none());
    }
}
