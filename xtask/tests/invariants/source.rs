//! Rust sources as the rules see them: parsed, with every path that the code names.

use std::sync::OnceLock;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Attribute, Item};

use crate::repository;

/// One `.rs` file of ours.
pub(crate) struct Source {
    /// Its path from the root of the repository.
    pub(crate) path: String,
    /// Its text.
    pub(crate) text: String,
    /// Its syntax tree.
    pub(crate) syntax: syn::File,
}

/// A path that code names, such as `std :: fs :: read`, wherever it stands: in a `use`, a call or a macro.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Named {
    /// The path's parts.
    pub(crate) parts: Vec<String>,
    /// The line of its last part, from 1.
    pub(crate) line: usize,
}

impl Named {
    /// Whether these parts follow each other in the path.
    pub(crate) fn contains(&self, parts: &[&str]) -> bool {
        self.parts.windows(parts.len()).any(|window| window == parts)
    }

    /// Whether the path ends in these parts.
    pub(crate) fn ends_with(&self, parts: &[&str]) -> bool {
        self.parts.len() >= parts.len() && self.parts[self.parts.len() - parts.len()..] == *parts
    }
}

impl Source {
    /// Whether the file belongs to tests or benchmarks only.
    pub(crate) fn is_test(&self) -> bool {
        self.path.split('/').any(|part| matches!(part, "tests" | "benches" | "tests.rs"))
    }

    /// Every path that the file names outside `#[cfg(test)]` items.
    pub(crate) fn names_outside_tests(&self) -> Vec<Named> {
        names(tokens_outside_tests(&self.syntax.items))
    }

    /// Every path that the file names.
    pub(crate) fn names(&self) -> Vec<Named> {
        names(self.syntax.to_token_stream())
    }

    /// Whether the file is part of the package in `directory`.
    pub(crate) fn is_in(&self, directory: &str) -> bool {
        self.path.strip_prefix(directory).is_some_and(|rest| rest.starts_with('/'))
    }

    /// `path:line`, as editors and compilers write it.
    pub(crate) fn at(&self, line: usize) -> String {
        format!("{}:{line}", self.path)
    }
}

/// Every `.rs` file of the repository, parsed once.
pub(crate) fn sources() -> &'static [Source] {
    // A token stream with positions cannot be shared between threads, so each test thread parses for itself;
    // leaking is fine in a process that ends with the tests.
    thread_local! {
        static SOURCES: OnceLock<&'static [Source]> = const { OnceLock::new() };
    }
    SOURCES.with(|sources| *sources.get_or_init(|| Vec::leak(parse_all())))
}

fn parse_all() -> Vec<Source> {
    let paths = repository::files(&[".rs"]);
    let parse = |path: String| {
        let text = repository::read(&path);
        let syntax = syn::parse_file(&text).unwrap_or_else(|error| panic!("{path}: {error}"));
        Source { path, text, syntax }
    };
    paths.into_iter().map(parse).collect()
}

fn tokens_outside_tests(items: &[Item]) -> TokenStream {
    let mut tokens = TokenStream::new();
    for item in items.iter().filter(|item| !is_test_only(attributes(item))) {
        match item {
            Item::Mod(module) => {
                let items = module.content.iter().flat_map(|(_, items)| items);
                tokens.extend(items.map(|item| tokens_outside_tests(std::slice::from_ref(item))));
            }
            item => item.to_tokens(&mut tokens),
        }
    }
    tokens
}

fn is_test_only(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("test")
            || (attribute.path().is_ident("cfg")
                && attribute.meta.to_token_stream().to_string().replace(' ', "") == "cfg(test)")
    })
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

fn names(tokens: TokenStream) -> Vec<Named> {
    let mut found = Vec::new();
    collect(tokens, &[], &mut found);
    found
}

/// `use a::{b, c::d}` names `a::b` and `a::c::d`: braces after `::` continue the path before them.
fn collect(tokens: TokenStream, prefix: &[String], found: &mut Vec<Named>) {
    let mut parts = prefix.to_vec();
    let mut line = 0;
    let mut colons = 0;
    let mut finish = |parts: &mut Vec<String>, line: usize| {
        if parts.len() > prefix.len() {
            found.push(Named { parts: parts.clone(), line });
        }
        parts.truncate(0);
        parts.extend_from_slice(prefix);
    };
    let mut groups = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
            TokenTree::Ident(ident) => {
                if colons != 2 {
                    finish(&mut parts, line);
                }
                parts.push(ident.to_string());
                line = ident.span().start().line;
                colons = 0;
            }
            TokenTree::Group(group) => {
                let continues = colons == 2 && group.delimiter() == Delimiter::Brace;
                groups.push((group.stream(), if continues { parts.clone() } else { Vec::new() }));
                if continues {
                    parts.truncate(prefix.len());
                } else {
                    finish(&mut parts, line);
                }
                colons = 0;
            }
            _ => {
                finish(&mut parts, line);
                colons = 0;
            }
        }
    }
    finish(&mut parts, line);
    for (stream, prefix) in groups {
        collect(stream, &prefix, found);
    }
}

#[test]
fn names_are_found_wherever_they_stand() {
    let code = "use std::{fs, io::{self, Read}}; fn f() { a::b(c::d::<X>(1)); println!(\"{}\", e::g()); }";
    let found: Vec<String> = names(code.parse().unwrap()).iter().map(|name| name.parts.join("::")).collect();
    for expected in ["std::fs", "std::io::self", "std::io::Read", "a::b", "c::d", "e::g"] {
        assert!(found.iter().any(|name| name == expected), "{expected} not in {found:?}");
    }
}

#[test]
fn test_modules_are_left_out() {
    let code = "fn f() { a::b() } #[cfg(test)] mod tests { fn g() { c::d() } }";
    let names = names(tokens_outside_tests(&syn::parse_file(code).unwrap().items));
    assert!(names.iter().any(|name| name.contains(&["a", "b"])));
    assert!(!names.iter().any(|name| name.contains(&["c", "d"])));
}
