//! Reading dumps of any release, line by line; what is not understood is reported, never fatal.

use std::fmt;

use snapshot::Address;

use crate::parse_header::parse_header;
use crate::parse_line::{Line, classify};

/// A bound on reported problems: a text that is no dump at all must not fill memory with complaints.
const MAX_PROBLEMS: usize = 1000;

/// One goroutine of a dump. Text is borrowed from the dump.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ParsedGoroutine<'a> {
    /// Its `goid`; 0 is a thread's scheduler goroutine (in crashes only).
    pub id: u64,
    /// Where its `runtime.g` lies (`gp=`, with `GOTRACEBACK=system`).
    pub address: Option<Address>,
    /// Id of its M (`m=`, with `GOTRACEBACK=system`).
    pub m: Option<i64>,
    /// The wait reason, or the status of one that does not wait: `chan receive`, `runnable`, …
    pub state: &'a str,
    /// Whether the target's own leak detector called it leaked.
    pub leaked: bool,
    /// Whether the GC had its stack.
    pub scanning: bool,
    /// Whether it is durably blocked in a synctest bubble.
    pub durable: bool,
    /// Whole minutes that it has been waiting; 0 if less than one, or not known.
    pub minutes: u64,
    /// Whether it is locked to its thread.
    pub locked_to_thread: bool,
    /// Its synctest bubble (1.25 and later) or group (1.24).
    pub bubble: Option<u64>,
    /// pprof labels.
    pub labels: Vec<(String, String)>,
    /// Frames, innermost first, without elided ones.
    pub frames: Vec<ParsedFrame<'a>>,
    /// Frames that the dump leaves out.
    pub elided: Option<Elided>,
    /// The dump says that there is no stack for it.
    pub stack_unavailable: bool,
    /// Who started it.
    pub created_by: Option<ParsedCreator<'a>>,
    /// Ids of its ancestors (`GODEBUG=tracebackancestors`), nearest first. Their frames are not kept.
    pub ancestors: Vec<u64>,
}

/// A hole in a long stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Elided {
    /// How many of [`ParsedGoroutine::frames`] come before the hole.
    pub after: usize,
    /// How many frames are missing, if the dump says so (Go 1.21 and later).
    pub count: Option<u64>,
}

/// One frame of a dump.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ParsedFrame<'a> {
    /// The function as printed (`panic` is the runtime's `gopanic`); empty for C code without a name.
    pub function: &'a str,
    /// What stands between the parentheses; `...` for inlined calls and in our own dumps.
    pub args: &'a str,
    /// Source file; empty if not given.
    pub file: &'a str,
    /// Line; 0 if not given.
    pub line: u32,
    /// Offset of the program counter in the function; not given for inlined calls.
    pub pc_offset: Option<u64>,
    /// The program counter (`GOTRACEBACK=system`, and C code).
    pub pc: Option<Address>,
}

/// The `go` statement that started a goroutine.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ParsedCreator<'a> {
    /// Function and place of the statement.
    pub frame: ParsedFrame<'a>,
    /// The goroutine that executed it (Go 1.21 and later).
    pub parent_id: Option<u64>,
}

/// Something in a dump that could not be understood; reading went on behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Problem {
    /// Number of the line, from 1.
    pub line: usize,
    /// What is wrong.
    pub kind: ProblemKind,
}

/// Kinds of problems in a dump.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProblemKind {
    /// A line that begins like a goroutine's header but is none.
    BadHeader,
    /// A part of a header that no known release prints.
    UnknownMark,
    /// Labels that cannot be read.
    BadLabels,
    /// A function without its file and line.
    NoPlace,
    /// A file and line that belong to no function.
    StrayPlace,
    /// A line inside a goroutine that is nothing of this.
    UnknownLine,
    /// More problems than are listed.
    TooMany,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            ProblemKind::BadHeader => "not a goroutine header",
            ProblemKind::UnknownMark => "unknown mark in a goroutine header",
            ProblemKind::BadLabels => "unreadable labels",
            ProblemKind::NoPlace => "function without file and line",
            ProblemKind::StrayPlace => "file and line without function",
            ProblemKind::UnknownLine => "unknown line in a goroutine",
            ProblemKind::TooMany => "more problems follow that are not listed",
        };
        write!(f, "line {}: {what}", self.line)
    }
}

/// Reads a dump: every goroutine in it, and what could not be understood. Text around the goroutines
/// (panic messages, log lines, registers) is skipped.
pub fn parse(text: &str) -> (Vec<ParsedGoroutine<'_>>, Vec<Problem>) {
    let mut parser = Parser::default();
    for (index, line) in text.lines().enumerate() {
        parser.line = index + 1;
        parser.read(line);
    }
    parser.finish_goroutine();
    (parser.goroutines, parser.problems)
}

/// Which frame the next file and line belong to.
#[derive(Default, PartialEq)]
enum Expecting {
    #[default]
    Function,
    PlaceOfFrame,
    PlaceOfCreator,
}

#[derive(Default)]
struct Parser<'a> {
    line: usize,
    current: Option<ParsedGoroutine<'a>>,
    expecting: Expecting,
    in_ancestor: bool,
    goroutines: Vec<ParsedGoroutine<'a>>,
    problems: Vec<Problem>,
}

impl<'a> Parser<'a> {
    fn read(&mut self, line: &'a str) {
        if line.starts_with("goroutine ") {
            let (header, problem) = parse_header(line);
            self.problems_at(problem);
            if header.is_some() {
                self.finish_goroutine();
                self.current = header;
            }
            return;
        }
        let Some(goroutine) = self.current.as_mut() else { return };
        let classified = classify(line);
        if self.expecting != Expecting::Function && !matches!(classified, Line::Place(_)) {
            self.expecting = Expecting::Function;
            self.problems_at(Some(ProblemKind::NoPlace));
            return self.read(line);
        }
        match classified {
            Line::Empty => self.finish_goroutine(),
            Line::Ancestor(id) => {
                goroutine.ancestors.push(id);
                self.in_ancestor = true;
            }
            // Frames of ancestors are not kept: read over them.
            Line::Function(_) | Line::Creator(..) | Line::Place(_) | Line::Elided(_) if self.in_ancestor => {}
            Line::Foreign(frame) => goroutine.frames.push(frame),
            Line::Function(frame) => {
                goroutine.frames.push(frame);
                self.expecting = Expecting::PlaceOfFrame;
            }
            Line::Creator(frame, parent_id) => {
                goroutine.created_by = Some(ParsedCreator { frame, parent_id });
                self.expecting = Expecting::PlaceOfCreator;
            }
            Line::Place(place) => self.place(place),
            Line::Elided(count) => {
                goroutine.elided = Some(Elided { after: goroutine.frames.len(), count });
            }
            Line::Unavailable => goroutine.stack_unavailable = true,
            Line::Unknown => self.problems_at(Some(ProblemKind::UnknownLine)),
        }
    }

    fn place(&mut self, place: ParsedFrame<'a>) {
        let goroutine = self.current.as_mut();
        let frame = match std::mem::take(&mut self.expecting) {
            Expecting::PlaceOfFrame => goroutine.and_then(|g| g.frames.last_mut()),
            Expecting::PlaceOfCreator => goroutine.and_then(|g| g.created_by.as_mut()).map(|c| &mut c.frame),
            Expecting::Function => None,
        };
        match frame {
            Some(frame) => *frame = ParsedFrame { function: frame.function, args: frame.args, ..place },
            None => self.problems_at(Some(ProblemKind::StrayPlace)),
        }
    }

    fn finish_goroutine(&mut self) {
        if std::mem::take(&mut self.expecting) != Expecting::Function {
            self.problems_at(Some(ProblemKind::NoPlace));
        }
        self.in_ancestor = false;
        self.goroutines.extend(self.current.take());
    }

    fn problems_at(&mut self, kind: Option<ProblemKind>) {
        let Some(kind) = kind else { return };
        match self.problems.len() {
            0..MAX_PROBLEMS => self.problems.push(Problem { line: self.line, kind }),
            MAX_PROBLEMS => self.problems.push(Problem { line: self.line, kind: ProblemKind::TooMany }),
            _ => {}
        }
    }
}
