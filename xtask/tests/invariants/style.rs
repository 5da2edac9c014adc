//! What every source file looks like: short, opened by a sentence, named for what it knows.

use std::io::Write as _;

use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use crate::repository::nothing_wrong;
use crate::source::sources;

/// Files are read whole: aim at 200 lines, question at 400.
const FILE_LINES_MAX: usize = 700;
/// Generated tables and the like: (path, why it may be longer).
const LONG_FILES: &[(&str, &str)] = &[];

/// Functions longer than this are named in the output; longer than the maximum fails.
const FUNCTION_LINES_REPORTED: usize = 70;
const FUNCTION_LINES_MAX: usize = 120;

/// Names that say nothing. "core" also means four other things here.
const EMPTY_NAMES: &[&str] =
    &["util", "utils", "helper", "helpers", "common", "shared", "misc", "core", "types", "stuff", "base"];

#[test]
fn every_file_opens_with_what_it_knows() {
    let opens_well = |text: &str| {
        let first = text.lines().next().unwrap_or_default();
        first.strip_prefix("//! ").is_some_and(|sentence| sentence.split_whitespace().count() >= 3)
    };
    let problems = sources().iter().filter(|source| !opens_well(&source.text));
    nothing_wrong(
        "a file does not open with a sentence",
        "make the first line `//! ` and one sentence that says what the file knows",
        &problems.map(|source| source.path.clone()).collect::<Vec<_>>(),
    );
}

#[test]
fn files_are_short_enough_to_read() {
    let mut problems = Vec::new();
    for source in sources() {
        let lines = source.text.lines().count();
        let exempt = LONG_FILES.iter().any(|(path, _)| *path == source.path);
        if lines > FILE_LINES_MAX && !exempt {
            problems.push(format!("{}: {lines} lines", source.path));
        }
        if lines <= FILE_LINES_MAX && exempt {
            problems.push(format!("{}: is short now, take it off the list of exemptions", source.path));
        }
    }
    nothing_wrong(
        "a file is longer than 700 lines",
        "split it by what its parts know; generated tables go on the list in xtask/tests/invariants/style.rs",
        &problems,
    );
}

#[test]
fn functions_are_short_enough_to_read() {
    struct Functions(Vec<(String, usize, usize)>);
    impl Functions {
        fn add(&mut self, signature: &syn::Signature, block: &syn::Block) {
            let (start, end) = (block.span().start().line, block.span().end().line);
            self.0.push((signature.ident.to_string(), signature.span().start().line, end - start + 1));
        }
    }
    impl<'ast> Visit<'ast> for Functions {
        fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
            self.add(&function.sig, &function.block);
            visit::visit_item_fn(self, function);
        }
        fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
            self.add(&function.sig, &function.block);
            visit::visit_impl_item_fn(self, function);
        }
    }
    let mut problems = Vec::new();
    for source in sources() {
        let mut functions = Functions(Vec::new());
        functions.visit_file(&source.syntax);
        for (name, line, lines) in functions.0 {
            let found = format!("{}: fn {name} has {lines} lines", source.at(line));
            if lines > FUNCTION_LINES_MAX {
                problems.push(found);
            } else if lines > FUNCTION_LINES_REPORTED {
                // Straight to the stream: the test harness would swallow what a passing test prints.
                writeln!(std::io::stderr(), "long function: {found}").unwrap();
            }
        }
    }
    nothing_wrong(
        "a function is longer than 120 lines",
        "give its steps names: each becomes a function, and the caller reads as their list",
        &problems,
    );
}

#[test]
fn names_say_something() {
    let mut problems = Vec::new();
    for source in sources() {
        let mut parts = source.path.trim_end_matches(".rs").split('/');
        if let Some(part) = parts.find(|part| EMPTY_NAMES.contains(part)) {
            problems.push(format!("{}: {part}", source.path));
        }
        for item in &source.syntax.items {
            if let syn::Item::Mod(module) = item
                && EMPTY_NAMES.contains(&module.ident.to_string().as_str())
            {
                problems.push(format!("{}: mod {}", source.at(module.span().start().line), module.ident));
            }
        }
    }
    nothing_wrong(
        "a module's name says nothing about what it knows",
        "name it after its knowledge; if that takes two names, it is two modules",
        &problems,
    );
}
