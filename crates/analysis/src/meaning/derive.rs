//! Whose a goroutine is, and for which route and pool it works: from frames and labels.

use regex::Regex;

use super::function_patterns::{Matches, PatternId};
use crate::normal_name::{normal_name, unvendored};
use crate::package::package_of;

/// Where owners, routes and pools come from; from rule files.
#[derive(Debug, Clone, Default)]
pub(super) struct Derivations {
    pub(super) route_labels: Vec<String>,
    pub(super) pool_labels: Vec<String>,
    /// Functions whose callee is a handler of a request.
    pub(super) handler_callers: Vec<PatternId>,
    /// Each has a group `service` and a group `method`.
    pub(super) rpc_methods: Vec<Regex>,
    /// Packages of others, where a target does not say what its own module is.
    pub(super) libraries: Vec<PatternId>,
    pub(super) pools: Vec<(String, Vec<PatternId>)>,
}

/// A function on a stack.
#[derive(Debug, Clone, Copy)]
pub(super) struct Call<'a> {
    pub(super) function: &'a str,
    pub(super) matches: &'a Matches,
}

impl Derivations {
    /// The package that a goroutine belongs to: that of its innermost frame which is neither of the standard library
    /// nor of another's library, else its creator's, else its outermost frame's.
    pub(super) fn owner(
        &self,
        stack: &[Call<'_>],
        creator: Option<Call<'_>>,
        module: Option<&str>,
        is_runtime: bool,
    ) -> Option<Box<str>> {
        let package =
            |call: &Call<'_>| package_of(unvendored(call.function)).map(|package| Box::from(&*package));
        if is_runtime {
            return Some("runtime".into());
        }
        let of_module = |call: &&Call<'_>| module.is_some_and(|module| is_in(call.function, module));
        let own = |call: &&Call<'_>| is_in(call.function, "main") || of_module(call);
        let foreign = |call: &&Call<'_>| !self.is_library(call);
        let creators = creator.as_slice();
        stack
            .iter()
            .find(own)
            .or_else(|| stack.iter().find(foreign))
            .or_else(|| creators.iter().find(|call| own(call) || foreign(call)))
            .or_else(|| creators.first())
            .or_else(|| stack.last())
            .and_then(package)
    }

    /// The route or remote method that labels name.
    pub(super) fn route_by_label<'l>(&self, labels: impl Fn(&str) -> Option<&'l str>) -> Option<Box<str>> {
        first_label(&self.route_labels, labels)
    }

    /// The pool of connections that labels name.
    pub(super) fn pool_by_label<'l>(&self, labels: impl Fn(&str) -> Option<&'l str>) -> Option<Box<str>> {
        first_label(&self.pool_labels, labels)
    }

    /// The remote method, or else the handler, that a goroutine is in.
    pub(super) fn route(&self, stack: &[Call<'_>]) -> Option<Box<str>> {
        let method = stack.iter().find_map(|call| {
            let name = unvendored(call.function);
            let captures = self.rpc_methods.iter().find_map(|pattern| pattern.captures(name))?;
            let (service, method) = (captures.name("service")?, captures.name("method")?);
            Some(format!("{}/{}", service.as_str(), method.as_str()).into())
        });
        method.or_else(|| self.handler(stack).map(|call| Box::from(&*normal_name(call.function))))
    }

    /// The innermost function that was called by what calls handlers; one of the program before one of a library.
    fn handler<'c, 'a>(&self, stack: &'c [Call<'a>]) -> Option<&'c Call<'a>> {
        let pairs = || {
            let called = stack.iter().zip(stack.iter().skip(1));
            called.filter(|(_, caller)| caller.matches.any(&self.handler_callers)).map(|(callee, _)| callee)
        };
        let method =
            || stack.iter().find(|call| call.function.ends_with(").ServeHTTP") && !self.is_library(call));
        pairs().find(|callee| !self.is_library(callee)).or_else(method)
    }

    /// The pool of connections that a goroutine uses or waits for.
    pub(super) fn pool(&self, stack: &[Call<'_>]) -> Option<Box<str>> {
        let of = |call: &Call<'_>| {
            let pool = self.pools.iter().find(|(_, functions)| call.matches.any(functions));
            pool.map(|(name, _)| name.as_str())
        };
        stack.iter().find_map(of).map(Box::from)
    }

    /// Whether a function is of the standard library, or of a library that is known as one.
    pub(super) fn is_library(&self, call: &Call<'_>) -> bool {
        call.matches.any(&self.libraries) || is_standard(call.function)
    }
}

/// The value of the first key that a goroutine has, if it is not empty.
fn first_label<'l>(keys: &[String], labels: impl Fn(&str) -> Option<&'l str>) -> Option<Box<str>> {
    keys.iter().find_map(|key| labels(key).filter(|value| !value.is_empty())).map(Box::from)
}

/// Whether a function belongs to a package or one below it.
fn is_in(function: &str, package: &str) -> bool {
    package_of(unvendored(function))
        .and_then(|of| of.strip_prefix(package).map(|rest| rest.is_empty() || rest.starts_with('/')))
        .unwrap_or(false)
}

/// The first elements of the paths of all packages of the standard library, Go 1.19 to 1.27. Programs may have paths
/// without a dot, too.
const STANDARD: [&str; 51] = [
    "archive",
    "arena",
    "bufio",
    "builtin",
    "bytes",
    "cmp",
    "compress",
    "container",
    "context",
    "crypto",
    "database",
    "debug",
    "embed",
    "encoding",
    "errors",
    "expvar",
    "flag",
    "fmt",
    "go",
    "hash",
    "html",
    "image",
    "index",
    "internal",
    "io",
    "iter",
    "log",
    "maps",
    "math",
    "mime",
    "net",
    "os",
    "path",
    "plugin",
    "reflect",
    "regexp",
    "runtime",
    "simd",
    "slices",
    "sort",
    "strconv",
    "strings",
    "structs",
    "sync",
    "syscall",
    "testing",
    "text",
    "time",
    "unicode",
    "unique",
    "weak",
];

/// Whether a function is of the standard library, or of nothing that has a package.
pub(crate) fn is_standard(function: &str) -> bool {
    package_of(unvendored(function)).is_none_or(|package| {
        let first = package.split('/').next().unwrap_or_default();
        STANDARD.contains(&first) || matches!(first, "unsafe" | "uuid")
    })
}
