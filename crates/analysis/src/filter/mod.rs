//! The expression language of `--filter`.

mod evaluate;
mod field;
mod parse;
mod value;

use snapshot::Goroutine;

use crate::meaning::Meanings;
use field::Term;

/// The language in a few lines, for `--help`.
pub const FILTER_HELP: &str = "\
A filter is made of terms, joined by `and`, `or`, `not` and parentheses:

  state=waiting          status: idle, runnable, running, syscall, waiting, dead, copystack,
                         preempted, leaked
  reason~chan            wait reason, in the runtime's words: `chan receive`, `IO wait`, ...
  waits=lock             kind of wait: chan, select, lock, io, sleep, other
  func~'\\.worker$'       function of any frame        entry=main.main.func1   started with
  pkg=net/http           package of any frame         created_by~server       started by
  file~handler\\.go       source file of any frame     label.tenant=acme       pprof label
  meaning=DB_ACQUIRE     what it is doing (see docs)  owner~handlers          its package
  route~report           HTTP route, handler function or gRPC method that it serves
  age>5m                 time waiting (ms, s, m, h, d); unknown ages never match
  on=0xc000012345        address of a channel, mutex, ... that it waits on
  id=17  parent=1  m=3  p=0  tid=4711  bubble=2       numbers
  locked  runtime  scanning                           locked to a thread; the runtime's own; in GC

Text: `=` and `!=` compare all of it, `~` and `!~` search for a regular expression. Numbers and ages
also know `<`, `<=`, `>` and `>=`. Values with blanks or lone parentheses stand in quotes:
reason='chan receive'. `and` binds closer than `or`.";

/// A parsed filter.
#[derive(Debug, Clone)]
pub struct Filter {
    expression: Expression,
    terms: Vec<Term>,
}

/// Terms joined by operators; a term is a position in [`Filter::terms`].
#[derive(Debug, Clone)]
enum Expression {
    And(Box<Expression>, Box<Expression>),
    Or(Box<Expression>, Box<Expression>),
    Not(Box<Expression>),
    Term(usize),
}

/// Why a filter cannot be understood.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("filter, column {}: {kind}", position + 1)]
pub struct FilterError {
    /// Where in the text, in bytes from 0.
    pub position: usize,
    /// What is wrong there.
    pub kind: FilterErrorKind,
}

/// What can be wrong with a filter.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum FilterErrorKind {
    /// There is no term where one must be.
    #[error("expected a term such as state=waiting")]
    ExpectedTerm,
    /// Two terms stand side by side.
    #[error("expected `and`, `or` or the end")]
    ExpectedOperator,
    /// A parenthesis is not closed.
    #[error("this parenthesis is not closed")]
    Unclosed,
    /// A quote is not closed.
    #[error("this quote is not closed")]
    UnclosedQuote,
    /// There is no such field.
    #[error("unknown field `{name}`")]
    UnknownField {
        /// What was written.
        name: String,
    },
    /// A field stands alone that needs a comparison.
    #[error("`{name}` needs a comparison, such as {example}")]
    NeedsComparison {
        /// The field.
        name: String,
        /// How it is used.
        example: &'static str,
    },
    /// A mark such as `locked` is compared.
    #[error("`{name}` stands alone or behind `not`")]
    TakesNoValue {
        /// The mark.
        name: String,
    },
    /// The comparison does not fit the field.
    #[error("`{name}` cannot be compared with `{operator}`")]
    BadOperator {
        /// The field.
        name: String,
        /// The operator.
        operator: &'static str,
    },
    /// There is no value behind the comparison.
    #[error("expected a value")]
    ExpectedValue,
    /// The value is none that the field can have.
    #[error("`{value}` is not {expected}")]
    BadValue {
        /// What was written.
        value: String,
        /// What is needed.
        expected: &'static str,
    },
    /// The regular expression is wrong.
    #[error("bad regular expression: {}", last_line(.0))]
    BadPattern(regex::Error),
    /// It is nested too deeply.
    #[error("too many nested parentheses and `not`")]
    TooDeep,
}

impl FilterError {
    /// What to do about it, if there is something to say.
    pub fn hint(&self) -> Option<String> {
        match &self.kind {
            FilterErrorKind::UnknownField { name } => match field::similar(name) {
                Some(similar) => Some(format!("did you mean `{similar}`?")),
                None => Some(format!("fields are {}", field::names().join(", "))),
            },
            FilterErrorKind::ExpectedOperator => {
                Some("quote values that contain blanks: reason='chan receive'".to_owned())
            }
            FilterErrorKind::BadOperator { .. } => {
                Some("text knows = != ~ !~, numbers and ages know = != < <= > >=".to_owned())
            }
            _ => None,
        }
    }
}

impl Filter {
    /// Understands a filter; see [`FILTER_HELP`].
    pub fn parse(text: &str) -> Result<Filter, FilterError> {
        parse::parse(text)
    }

    /// The goroutines of a snapshot that match, in its order. Stacks that many goroutines share are
    /// examined once.
    pub fn select<'a>(&self, meanings: &Meanings<'a>) -> Vec<&'a Goroutine> {
        let mut evaluator = evaluate::Evaluator::new(self, meanings);
        meanings.snapshot().goroutines.iter().filter(|goroutine| evaluator.matches(goroutine)).collect()
    }

    /// Whether one goroutine of a snapshot matches. [`Filter::select`] is faster for many.
    pub fn matches(&self, meanings: &Meanings<'_>, goroutine: &Goroutine) -> bool {
        evaluate::Evaluator::new(self, meanings).matches(goroutine)
    }
}

/// What is wrong with a regular expression: the library's message draws the place above it, which does not fit
/// into a line.
pub(crate) fn last_line(error: &regex::Error) -> String {
    let message = error.to_string();
    let last = message.lines().last().unwrap_or_default();
    last.strip_prefix("error: ").unwrap_or(last).to_owned()
}
