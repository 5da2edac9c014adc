//! The fields of a filter, and what a term tests.

use regex::Regex;
use snapshot::Address;

/// A test of one field.
#[derive(Debug, Clone)]
pub(super) enum Term {
    Mark(Mark),
    Text(TextField, TextTest),
    Number(NumberField, Comparison, i128),
    /// Milliseconds.
    Age(Comparison, u64),
    On(Address),
}

/// Properties that are there or not.
#[derive(Debug, Clone, Copy)]
pub(super) enum Mark {
    Locked,
    Runtime,
    Scanning,
}

/// Fields of text.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum TextField {
    State,
    Reason,
    Waits,
    Function,
    Package,
    File,
    CreatedBy,
    Entry,
    Label(String),
    Meaning,
    Owner,
    Route,
}

/// Fields of numbers.
#[derive(Debug, Clone, Copy)]
pub(super) enum NumberField {
    Id,
    Parent,
    M,
    P,
    Tid,
    Bubble,
}

/// Tests of text; the opposites are made with `not`.
#[derive(Debug, Clone)]
pub(super) enum TextTest {
    Equals(String),
    Matches(Regex),
}

impl TextTest {
    pub(super) fn holds(&self, text: &str) -> bool {
        match self {
            TextTest::Equals(expected) => expected == text,
            TextTest::Matches(pattern) => pattern.is_match(text),
        }
    }
}

/// Tests of numbers.
#[derive(Debug, Clone, Copy)]
pub(super) enum Comparison {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    pub(super) fn holds<T: PartialOrd>(self, left: T, right: T) -> bool {
        match self {
            Comparison::Equal => left == right,
            Comparison::Less => left < right,
            Comparison::LessOrEqual => left <= right,
            Comparison::Greater => left > right,
            Comparison::GreaterOrEqual => left >= right,
        }
    }
}

/// A field by its name in a filter.
#[derive(Debug, Clone)]
pub(super) enum Field {
    Mark(Mark),
    Text(TextField),
    Number(NumberField),
    Age,
    On,
}

/// Every field with an example of its use.
const FIELDS: [(&str, &str); 23] = [
    ("state", "state=waiting"),
    ("reason", "reason~chan"),
    ("waits", "waits=lock"),
    ("func", "func~worker"),
    ("pkg", "pkg=net/http"),
    ("file", "file~main"),
    ("created_by", "created_by~server"),
    ("entry", "entry=main.main.func1"),
    ("label.", "label.tenant=acme"),
    ("meaning", "meaning=DB_ACQUIRE"),
    ("owner", "owner~handlers"),
    ("route", "route~report"),
    ("age", "age>5m"),
    ("on", "on=0xc000012345"),
    ("id", "id=17"),
    ("parent", "parent=1"),
    ("m", "m=3"),
    ("p", "p=0"),
    ("tid", "tid=4711"),
    ("bubble", "bubble=2"),
    ("locked", "locked"),
    ("runtime", "runtime"),
    ("scanning", "scanning"),
];

impl Field {
    /// The field of a name; some have a second name that people try first.
    pub(super) fn named(name: &str) -> Option<Field> {
        if let Some(key) = name.strip_prefix("label.").filter(|key| !key.is_empty()) {
            return Some(Field::Text(TextField::Label(key.to_owned())));
        }
        Some(match name {
            "state" | "status" => Field::Text(TextField::State),
            "reason" | "wait_reason" => Field::Text(TextField::Reason),
            "waits" => Field::Text(TextField::Waits),
            "func" | "function" => Field::Text(TextField::Function),
            "pkg" | "package" => Field::Text(TextField::Package),
            "file" => Field::Text(TextField::File),
            "created_by" => Field::Text(TextField::CreatedBy),
            "entry" => Field::Text(TextField::Entry),
            "meaning" => Field::Text(TextField::Meaning),
            "owner" => Field::Text(TextField::Owner),
            "route" => Field::Text(TextField::Route),
            "age" => Field::Age,
            "on" => Field::On,
            "id" => Field::Number(NumberField::Id),
            "parent" => Field::Number(NumberField::Parent),
            "m" => Field::Number(NumberField::M),
            "p" => Field::Number(NumberField::P),
            "tid" => Field::Number(NumberField::Tid),
            "bubble" => Field::Number(NumberField::Bubble),
            "locked" => Field::Mark(Mark::Locked),
            "runtime" => Field::Mark(Mark::Runtime),
            "scanning" => Field::Mark(Mark::Scanning),
            _ => return None,
        })
    }
}

/// How a field is used; empty for an unknown one.
pub(super) fn example(name: &str) -> &'static str {
    let known =
        FIELDS.iter().find(|(field, _)| *field == name || field.ends_with('.') && name.starts_with(field));
    known.map_or("age>5m", |(_, example)| example)
}

/// The names of all fields.
pub(super) fn names() -> Vec<&'static str> {
    FIELDS.iter().map(|(name, _)| *name).collect()
}

/// A field whose name is one letter away, or begins the same.
pub(super) fn similar(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase();
    let close = |field: &str| {
        let shared = field.bytes().zip(name.bytes()).take_while(|(a, b)| a == b).count();
        let rest = field.bytes().rev().zip(name.bytes().rev()).take_while(|(a, b)| a == b).count();
        shared >= 3 || (shared + rest + 1 >= field.len().max(name.len()) && field.len() > 2)
    };
    FIELDS.iter().map(|(field, _)| *field).find(|field| close(field))
}
