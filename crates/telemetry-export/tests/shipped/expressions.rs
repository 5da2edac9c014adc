//! Which metrics an expression of PromQL names.

use std::collections::BTreeSet;

/// Words of the language that stand where a metric could stand; of the aggregations, those that may have `by` behind them.
const KEYWORDS: &[&str] = &[
    "sum",
    "min",
    "max",
    "avg",
    "count",
    "and",
    "or",
    "unless",
    "bool",
    "offset",
    "on",
    "ignoring",
    "by",
    "without",
    "group_left",
    "group_right",
];

/// Keywords that a list of labels follows.
const BEFORE_LABELS: &[&str] = &["on", "ignoring", "by", "without", "group_left", "group_right"];

/// The metrics that an expression names: words that are no keyword, no function (those have a parenthesis behind them),
/// no label, and in no string, range or matcher.
pub(crate) fn metrics_of(expression: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut rest = expression;
    while let Some(first) = rest.chars().next() {
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
        rest = match first {
            '{' => behind(rest, '}'),
            '[' => behind(rest, ']'),
            '"' => behind(&rest[1..], '"'),
            c if is_word(c) => {
                let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
                let (word, after) = rest.split_at(end);
                let calls = after.trim_start().starts_with('(');
                if BEFORE_LABELS.contains(&word) && calls {
                    behind(after, ')')
                } else {
                    if !calls && !c.is_ascii_digit() && !KEYWORDS.contains(&word) {
                        found.insert(word.to_owned());
                    }
                    after
                }
            }
            c => &rest[c.len_utf8()..],
        };
    }
    found
}

fn behind(text: &str, end: char) -> &str {
    text.split_once(end).map_or("", |(_, after)| after)
}

#[test]
fn names_are_told_from_functions_labels_and_words() {
    let expression = r#"sum by (a, b) (rate(x_total{c="y}", d!~"z"}[5m] offset 1m)) * on (job) group_left (e) target:y:sli
        unless ignoring(detail) z == bool 1 and abs(deriv(w[5m])) > 0.30"#;
    let found: Vec<_> = metrics_of(&expression.replace("y}", "y")).into_iter().collect();
    assert_eq!(found, ["target:y:sli", "w", "x_total", "z"]);
}
