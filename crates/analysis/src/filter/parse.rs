//! Understanding the text of a filter.

use regex::RegexBuilder;
use snapshot::{Address, Status};

use super::field::{Comparison, Field, Term, TextField, TextTest, example};
use super::value::{duration_ms, number};
use super::{Expression, Filter, FilterError, FilterErrorKind};
use crate::wait_class::WaitClass;

/// Nesting that is accepted: the parser recurses.
const MAX_DEPTH: usize = 64;
/// Memory that one regular expression may take, bytes.
const MAX_PATTERN_BYTES: usize = 1 << 20;

pub(super) fn parse(text: &str) -> Result<Filter, FilterError> {
    let mut parser = Parser { text, position: 0, depth: 0, terms: Vec::new() };
    let expression = parser.or()?;
    parser.skip_blanks();
    if !parser.rest().is_empty() {
        return Err(parser.error(FilterErrorKind::ExpectedOperator));
    }
    Ok(Filter { expression, terms: parser.terms })
}

struct Parser<'a> {
    text: &'a str,
    position: usize,
    depth: usize,
    terms: Vec<Term>,
}

type Parsed<T> = Result<T, FilterError>;

impl<'a> Parser<'a> {
    fn or(&mut self) -> Parsed<Expression> {
        let mut left = self.and()?;
        while self.takes_word("or") || self.takes("||") {
            left = Expression::Or(Box::new(left), Box::new(self.and()?));
        }
        Ok(left)
    }

    fn and(&mut self) -> Parsed<Expression> {
        let mut left = self.unary()?;
        while self.takes_word("and") || self.takes("&&") {
            left = Expression::And(Box::new(left), Box::new(self.unary()?));
        }
        Ok(left)
    }

    fn unary(&mut self) -> Parsed<Expression> {
        if self.depth == MAX_DEPTH {
            return Err(self.error(FilterErrorKind::TooDeep));
        }
        self.depth += 1;
        let start = self.position;
        let expression = if self.takes_word("not") || self.takes("!") {
            Expression::Not(Box::new(self.unary()?))
        } else if self.takes("(") {
            let inner = self.or()?;
            if !self.takes(")") {
                self.skip_blanks();
                let kind = if self.rest().is_empty() {
                    self.position = start;
                    self.skip_blanks();
                    FilterErrorKind::Unclosed
                } else {
                    FilterErrorKind::ExpectedOperator
                };
                return Err(self.error(kind));
            }
            inner
        } else {
            self.term()?
        };
        self.depth -= 1;
        Ok(expression)
    }

    fn term(&mut self) -> Parsed<Expression> {
        self.skip_blanks();
        let start = self.position;
        let is_name = |c: char| !c.is_whitespace() && !"=!~<>()'\"&|".contains(c);
        let length = self.rest().find(|c| !is_name(c)).unwrap_or(self.rest().len());
        let name = self.advance(length);
        let at_start = |kind| FilterError { position: start, kind };
        if name.is_empty() || matches!(name, "and" | "or" | "not") {
            return Err(at_start(FilterErrorKind::ExpectedTerm));
        }
        let owned = || name.to_owned();
        let field = Field::named(name);
        let Some(field) = field else {
            return Err(at_start(FilterErrorKind::UnknownField { name: owned() }));
        };
        let operator = self.operator();
        let (operator, field) = match (operator, field) {
            (None, Field::Mark(mark)) => return Ok(self.add(Term::Mark(mark), false)),
            (None, _) => {
                let kind = FilterErrorKind::NeedsComparison { name: owned(), example: example(name) };
                return Err(at_start(kind));
            }
            (Some(_), Field::Mark(_)) => {
                return Err(at_start(FilterErrorKind::TakesNoValue { name: owned() }));
            }
            (Some(operator), field) => (operator, field),
        };
        self.skip_blanks();
        let value_position = self.position;
        let value = self.value()?;
        let at_value = |kind| FilterError { position: value_position, kind };
        let bad_value = |expected| at_value(FilterErrorKind::BadValue { value: value.clone(), expected });
        let bad_operator = || at_start(FilterErrorKind::BadOperator { name: owned(), operator });
        let term = match field {
            Field::Text(field) => {
                let test = match operator {
                    "=" | "!=" => TextTest::Equals(check_word(&field, value.clone()).map_err(bad_value)?),
                    "~" | "!~" => {
                        let pattern = RegexBuilder::new(&value).size_limit(MAX_PATTERN_BYTES).build();
                        TextTest::Matches(pattern.map_err(|e| at_value(FilterErrorKind::BadPattern(e)))?)
                    }
                    _ => return Err(bad_operator()),
                };
                Term::Text(field, test)
            }
            Field::Number(field) => {
                let comparison = comparison(operator).ok_or_else(bad_operator)?;
                Term::Number(field, comparison, number(&value).ok_or_else(|| bad_value("a number"))?)
            }
            Field::Age => {
                let comparison = comparison(operator).ok_or_else(bad_operator)?;
                let expected = "a duration with its unit, such as 90s or 5m";
                Term::Age(comparison, duration_ms(&value).ok_or_else(|| bad_value(expected))?)
            }
            Field::On => {
                let address = number(&value).and_then(|n| u64::try_from(n).ok());
                let address = address.ok_or_else(|| bad_value("an address such as 0xc000012345"))?;
                matches!(operator, "=" | "!=")
                    .then_some(Term::On(Address(address)))
                    .ok_or_else(bad_operator)?
            }
            Field::Mark(mark) => Term::Mark(mark),
        };
        Ok(self.add(term, operator.starts_with('!')))
    }

    fn add(&mut self, term: Term, negated: bool) -> Expression {
        self.terms.push(term);
        let term = Expression::Term(self.terms.len() - 1);
        if negated { Expression::Not(Box::new(term)) } else { term }
    }

    fn operator(&mut self) -> Option<&'static str> {
        ["==", "!=", "!~", "=~", "<=", ">=", "=", "~", "<", ">"].into_iter().find(|op| self.takes(op)).map(
            |op| match op {
                "==" => "=",
                "=~" => "~",
                op => op,
            },
        )
    }

    /// A quoted value, or everything up to a blank an operator or a parenthesis that closes none of its own:
    /// Go's function names have parentheses.
    fn value(&mut self) -> Parsed<String> {
        let start = self.position;
        if let Some(quote) = self.rest().chars().next().filter(|c| matches!(c, '\'' | '"')) {
            self.position += 1;
            let mut value = String::new();
            let mut chars = self.rest().char_indices();
            while let Some((at, character)) = chars.next() {
                if character == quote {
                    self.position += at + 1;
                    return Ok(value);
                }
                // Only a quote can be escaped, so that regular expressions keep their backslashes.
                let escaped = character == '\\' && chars.as_str().starts_with(quote);
                let next = if escaped { chars.next().map(|(_, c)| c) } else { None };
                value.push(next.unwrap_or(character));
            }
            return Err(FilterError { position: start, kind: FilterErrorKind::UnclosedQuote });
        }
        let mut open = 0usize;
        let rest = self.rest();
        let end = rest.char_indices().find(|&(at, c)| {
            match c {
                '(' => open += 1,
                ')' if open > 0 => open -= 1,
                ')' => return true,
                // A single `|` may belong to a regular expression.
                '|' | '&' => {
                    return rest.get(at..).is_some_and(|r| r.starts_with("||") || r.starts_with("&&"));
                }
                c => return c.is_whitespace(),
            }
            false
        });
        let value = self.advance(end.map_or(rest.len(), |(at, _)| at));
        if value.is_empty() {
            return Err(FilterError { position: start, kind: FilterErrorKind::ExpectedValue });
        }
        Ok(value.to_owned())
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.position..).unwrap_or_default()
    }

    fn advance(&mut self, bytes: usize) -> &'a str {
        let taken = self.rest().get(..bytes).unwrap_or_default();
        self.position += taken.len();
        taken
    }

    fn skip_blanks(&mut self) {
        let rest = self.rest();
        self.position += rest.len() - rest.trim_start().len();
    }

    fn takes(&mut self, token: &str) -> bool {
        self.skip_blanks();
        let taken = self.rest().starts_with(token);
        self.position += if taken { token.len() } else { 0 };
        taken
    }

    fn takes_word(&mut self, word: &str) -> bool {
        self.skip_blanks();
        let ends = |rest: &str| rest.is_empty() || rest.starts_with(|c: char| c.is_whitespace() || c == '(');
        let taken = self.rest().strip_prefix(word).is_some_and(ends);
        self.position += if taken { word.len() } else { 0 };
        taken
    }

    fn error(&self, kind: FilterErrorKind) -> FilterError {
        FilterError { position: self.position, kind }
    }
}

fn comparison(operator: &str) -> Option<Comparison> {
    Some(match operator {
        "=" | "!=" => Comparison::Equal,
        "<" => Comparison::Less,
        "<=" => Comparison::LessOrEqual,
        ">" => Comparison::Greater,
        ">=" => Comparison::GreaterOrEqual,
        _ => return None,
    })
}

/// A misspelt status would silently match nothing.
fn check_word(field: &TextField, value: String) -> Result<String, &'static str> {
    match field {
        TextField::State if Status::ALL.iter().all(|status| status.name() != value) => {
            Err("one of idle, runnable, running, syscall, waiting, dead, copystack, preempted, leaked")
        }
        TextField::Waits if WaitClass::ALL.iter().all(|class| class.name() != value) => {
            Err("one of chan, select, lock, io, sleep, other")
        }
        _ => Ok(value),
    }
}
