//! Patterns of function names: each function of a target is compared with all of them once.

use regex::{RegexBuilder, RegexSet, RegexSetBuilder};
use rustc_hash::FxHashMap;

use super::rule_file::PATTERN_BYTES_MAX;
use crate::normal_name::unvendored;
use crate::package::package_of;

/// Position of a pattern.
pub(super) type PatternId = usize;

/// All patterns of all rules, each once.
///
/// | written | fits |
/// |---|---|
/// | `net/http.(*conn).serve` | that function |
/// | `database/sql.(*DB).conn*` | every function whose name begins so |
/// | `google.golang.org/grpc/...` | every function of that package and those below it |
/// | `~\.ServeHTTP$` | every function whose name the regular expression finds something in |
///
/// Names are compared as the runtime has them, without a `vendor` directory in front.
#[derive(Debug, Clone, Default)]
pub(super) struct FunctionPatterns {
    ids: FxHashMap<String, PatternId>,
    exact: FxHashMap<String, PatternId>,
    prefixes: Vec<(String, PatternId)>,
    packages: Vec<(String, PatternId)>,
    /// Sources of `expressions`, in the same order.
    expression_ids: Vec<(String, PatternId)>,
    expressions: Option<RegexSet>,
}

impl FunctionPatterns {
    /// The id of a pattern, adding it if it is new.
    pub(super) fn add(&mut self, text: &str) -> Result<PatternId, regex::Error> {
        if let Some(known) = self.ids.get(text) {
            return Ok(*known);
        }
        let id = self.ids.len();
        if let Some(expression) = text.strip_prefix('~') {
            RegexBuilder::new(expression).size_limit(PATTERN_BYTES_MAX).build()?;
            self.expression_ids.push((expression.to_owned(), id));
        } else if let Some(package) = text.strip_suffix("/...") {
            self.packages.push((package.to_owned(), id));
        } else if let Some(prefix) = text.strip_suffix('*') {
            self.prefixes.push((prefix.to_owned(), id));
        } else {
            self.exact.insert(text.to_owned(), id);
        }
        self.ids.insert(text.to_owned(), id);
        Ok(id)
    }

    /// Makes one machine of all regular expressions, each of which is known to be one.
    pub(super) fn compile(&mut self) {
        let sources = self.expression_ids.iter().map(|(source, _)| source);
        let limit = PATTERN_BYTES_MAX.saturating_mul(self.expression_ids.len().max(1));
        self.expressions = RegexSetBuilder::new(sources).size_limit(limit).build().ok();
    }

    /// Which patterns a function fits.
    pub(super) fn of(&self, function: &str) -> Matches {
        let function = unvendored(function);
        let package = package_of(function).unwrap_or_default();
        let in_package = |directory: &str| {
            package.strip_prefix(directory).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let mut matches = Matches::default();
        if let Some(id) = self.exact.get(function) {
            matches.insert(*id);
        }
        for (_, id) in self.prefixes.iter().filter(|(prefix, _)| function.starts_with(prefix)) {
            matches.insert(*id);
        }
        for (_, id) in self.packages.iter().filter(|(directory, _)| in_package(directory)) {
            matches.insert(*id);
        }
        for at in self.expressions.iter().flat_map(|set| set.matches(function)) {
            if let Some((_, id)) = self.expression_ids.get(at) {
                matches.insert(*id);
            }
        }
        matches
    }
}

/// A set of patterns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Matches(Vec<u64>);

impl Matches {
    fn insert(&mut self, id: PatternId) {
        if self.0.len() <= id / 64 {
            self.0.resize(id / 64 + 1, 0);
        }
        if let Some(word) = self.0.get_mut(id / 64) {
            *word |= 1 << (id % 64);
        }
    }

    /// Adds all of another set.
    pub(super) fn add(&mut self, other: &Matches) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        for (word, more) in self.0.iter_mut().zip(&other.0) {
            *word |= more;
        }
    }

    /// Whether one of some patterns is in it.
    pub(super) fn any(&self, patterns: &[PatternId]) -> bool {
        patterns.iter().any(|id| self.0.get(id / 64).is_some_and(|word| word & (1 << (id % 64)) != 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_fits_what_it_says() {
        let mut patterns = FunctionPatterns::default();
        let texts = ["a/b.(*T).f", "a/b.(*T).*", "a/b/...", r"~\.ServeHTTP$", "gopkg.in/yaml.v3/..."];
        let ids: Vec<PatternId> = texts.iter().map(|text| patterns.add(text).unwrap()).collect();
        assert_eq!(patterns.add("a/b.(*T).f").unwrap(), ids[0], "each once");
        patterns.compile();
        let fits = |function: &str| -> Vec<usize> {
            let matches = patterns.of(function);
            (0..texts.len()).filter(|&at| matches.any(&[ids[at]])).collect()
        };
        assert_eq!(fits("a/b.(*T).f"), [0, 1, 2]);
        assert_eq!(fits("x/vendor/a/b.(*T).g"), [1, 2]);
        assert_eq!(fits("a/b/c.F"), [2]);
        assert_eq!(fits("a/bc.F"), []);
        assert_eq!(fits("main.(*T).ServeHTTP"), [3]);
        assert_eq!(fits("gopkg.in/yaml%2ev3.Load"), [4]);
        assert_eq!(fits(""), []);
        assert!(patterns.add("~(").is_err());
    }
}
