//! Filters: which goroutines they select, and what they say when they are wrong.

mod process;

use analysis::{FILTER_HELP, Filter, Meanings, Rules};
use proptest::prelude::*;

fn selected(filter: &str) -> Vec<u64> {
    let process = process::server();
    let filter = Filter::parse(filter).unwrap_or_else(|error| unreachable!("{error} in {filter}"));
    let meanings = Meanings::new(Rules::built_in(), &process.0);
    let selected = filter.select(&meanings);
    for goroutine in &process.0.goroutines {
        assert_eq!(filter.matches(&meanings, goroutine), selected.contains(&goroutine));
    }
    selected.iter().map(|goroutine| goroutine.id.0).collect()
}

#[test]
fn every_field_selects() {
    for (filter, expected) in [
        ("state=running", vec![21]),
        ("status!=waiting", vec![21]),
        ("reason='chan receive'", vec![30, 18, 19]),
        (r#"reason="IO wait""#, vec![1]),
        ("reason~^chan", vec![30, 18, 19]),
        ("waits=lock", vec![20]),
        ("func=main.(*queue[...]).get", vec![30, 18, 19]),
        ("func~chanrecv$|nothing", vec![30, 18, 19]),
        ("func!~gopark", vec![20, 21]),
        ("pkg=net/http", vec![1]),
        ("pkg=gopkg.in/yaml.v3", vec![20]),
        ("package~^sync$", vec![20]),
        ("file=/src/sync.go", vec![20]),
        ("created_by~main", vec![30, 18, 19, 20, 21, 2]),
        ("entry=main.main", vec![1]),
        ("label.tenant='acme inc'", vec![19]),
        ("label.tenant~.", vec![19]),
        ("age>19m", vec![30]),
        ("age>=1140s and age<2h", vec![30, 19]),
        ("not age<2h", vec![1, 20, 21, 2]),
        ("on=0xc0001234", vec![19]),
        ("id=17 or id=18", vec![18]),
        ("id>=20 and id<30", vec![20, 21]),
        ("parent!=1", vec![1]),
        ("m=3 && p=0 && tid=4711", vec![21]),
        ("locked", vec![21]),
        ("runtime", vec![2]),
        ("meaning=MUTEX", vec![20]),
        ("meaning~^RUN and owner!=runtime", vec![21]),
        ("owner=main and not meaning=RUNNING", vec![1, 30, 18, 19, 20]),
        ("route~.", vec![]),
        ("bubble=1 or scanning", vec![]),
    ] {
        assert_eq!(selected(filter), expected, "{filter}");
    }
}

#[test]
fn operators_bind_as_usual() {
    assert_eq!(selected("id=1 or id=2 and not runtime"), [1]);
    assert_eq!(selected("(id=1 or id=2) and not runtime"), [1]);
    assert_eq!(selected("(id=1 or id=2) and runtime"), [2]);
    assert_eq!(selected("!(id=1||id=2)&& !(waits=chan)"), [20, 21]);
    assert_eq!(selected("not not runtime"), [2]);
    assert_eq!(selected("(func=main.(*queue[...]).get)and(id<19)"), [18]);
}

#[test]
fn mistakes_are_shown_where_they_are() {
    for (filter, position, message, hint) in [
        ("", 0, "expected a term such as state=waiting", None),
        ("state=wating", 6, "`wating` is not one of idle, runnable", None),
        ("id=1 and", 8, "expected a term", None),
        ("reason=chan receive", 12, "expected `and`, `or` or the end", Some("quote values")),
        ("id=1 or (id=2 or id=3", 8, "this parenthesis is not closed", None),
        ("id=1)", 4, "expected `and`", Some("quote values")),
        ("reason='chan", 7, "this quote is not closed", None),
        ("stat=waiting", 0, "unknown field `stat`", Some("did you mean `state`?")),
        ("xyz=1", 0, "unknown field `xyz`", Some("fields are state, reason")),
        ("age", 0, "`age` needs a comparison, such as age>5m", None),
        ("label.x", 0, "such as label.tenant=acme", None),
        ("locked=true", 0, "`locked` stands alone", None),
        ("age~5m", 0, "`age` cannot be compared with `~`", Some("ages know = !=")),
        ("func>x", 0, "`func` cannot be compared with `>`", Some("text knows")),
        ("age>5", 4, "`5` is not a duration with its unit", None),
        ("id=", 3, "expected a value", None),
        ("id=x", 3, "`x` is not a number", None),
        ("func~'a['", 5, "bad regular expression", None),
    ] {
        let error = Filter::parse(filter).unwrap_err();
        assert_eq!(error.position, position, "{filter}: {error}");
        let shown = error.to_string();
        assert!(shown.contains(message) && shown.starts_with("filter, column "), "{filter}: {shown}");
        assert_eq!(error.hint().is_some(), hint.is_some(), "{filter}: {:?}", error.hint());
        assert!(hint.is_none_or(|hint| error.hint().unwrap().contains(hint)), "{:?}", error.hint());
    }
    assert!(Filter::parse(&"(".repeat(100_000)).is_err());
    assert!(Filter::parse(&"not ".repeat(100_000)).is_err());
    assert!(Filter::parse("func~'(a{1000}){1000}'").is_err());
}

#[test]
fn every_example_of_the_help_is_a_filter() {
    let examples =
        FILTER_HELP.lines().filter(|line| line.starts_with("  ")).flat_map(|line| line.split("  "));
    let examples =
        examples.map(str::trim).filter(|part| part.contains(['=', '~', '>']) && !part.contains(' '));
    let count = examples.inspect(|example| drop(Filter::parse(example).unwrap())).count();
    assert!(count >= 15, "{count}");
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in any::<String>(), words in prop::collection::vec(prop::sample::select(vec![
        "id", "=", "1", "and", "or", "not", "(", ")", "!", "~", "'", "\"", "\\", " ", "age", "5m", ">", "func", "é", "label.", "[",
    ]), 0..12)) {
        for text in [text, words.concat(), words.join(" ")] {
            match Filter::parse(&text) {
                Ok(filter) => drop(filter.select(&Meanings::new(Rules::built_in(), &process::server().0))),
                Err(error) => {
                    prop_assert!(text.is_char_boundary(error.position));
                    let _ = (error.to_string(), error.hint());
                }
            }
        }
    }
}
