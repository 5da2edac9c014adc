//! The name of a function without what changes between builds: closure numbers, type arguments, vendoring.

use std::borrow::Cow;

/// A function's name as it stays over builds of the same code: without type arguments (`[...]`), the numbers of
/// closures and of `init` functions, compiler-made suffixes (`-fm`, `-range1`, `.gowrap1`, `.deferwrap1`), and the
/// path in front of a `vendor` directory. Package-level closures were `glob..func1` up to Go 1.20 and are
/// `init.func1` since: both become `init.func`.
///
/// ```
/// use analysis::normal_name;
/// assert_eq!(normal_name("main.(*queue[...]).get.func1.2"), "main.(*queue).get.func");
/// assert_eq!(normal_name("example.com/a/vendor/github.com/IBM/sarama.withRecover"), "github.com/IBM/sarama.withRecover");
/// ```
pub fn normal_name(function: &str) -> Cow<'_, str> {
    let function = unvendored(function);
    let path = function.split(['[', '(', '{', ' ']).next().unwrap_or_default();
    let last_element = path.rfind('/').map_or(0, |slash| slash + 1);
    let Some((directory, rest)) = function.split_at_checked(last_element) else { return function.into() };
    if !rest.contains(['[', '-']) && !has_numbered_part(rest) {
        return function.into();
    }
    let rest = without_type_arguments(rest);
    let mut parts: Vec<&str> = Vec::new();
    for part in rest.split('.') {
        let part = without_suffix(part);
        let letters = part.trim_end_matches(|c: char| c.is_ascii_digit());
        match letters {
            "" if !part.is_empty() => {}
            "gowrap" | "deferwrap" if letters != part => {}
            // Closures in closures: `func1.2` and `func1.func2` are one function's.
            "func" if letters != part && parts.last() == Some(&"func") => {}
            "func" if letters != part => parts.push("func"),
            "" if parts.last() == Some(&"glob") => {
                parts.pop();
                parts.push("init");
            }
            _ => parts.push(part),
        }
    }
    format!("{directory}{}", parts.join(".")).into()
}

/// A name without the directory that a copy of the package lies in.
pub(crate) fn unvendored(name: &str) -> &str {
    let before_types = name.split('[').next().unwrap_or_default();
    match before_types.rfind("/vendor/") {
        Some(at) => name.get(at + "/vendor/".len()..).unwrap_or_default(),
        None => name.strip_prefix("vendor/").unwrap_or(name),
    }
}

/// Whether some part behind a dot may be a number, or a word with one.
fn has_numbered_part(rest: &str) -> bool {
    rest.split('.').skip(1).any(|part| {
        part.is_empty() || part.starts_with(|c: char| c.is_ascii_digit()) || {
            let letters = part.trim_end_matches(|c: char| c.is_ascii_digit());
            letters != part && matches!(letters, "func" | "gowrap" | "deferwrap")
        }
    })
}

fn without_type_arguments(text: &str) -> String {
    let mut depth = 0usize;
    text.chars()
        .filter(|&c| {
            match c {
                '[' => depth += 1,
                ']' if depth > 0 => {
                    depth -= 1;
                    return false;
                }
                _ => {}
            }
            depth == 0
        })
        .collect()
}

/// Without `-fm` (method values) and `-range1` (bodies of loops over functions, nested ones repeat it).
fn without_suffix(part: &str) -> &str {
    match part.split_once('-') {
        Some((name, suffix)) if suffix == "fm" || suffix.starts_with("range") => name,
        _ => part,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_between_builds_is_gone_and_the_rest_stays() {
        for (name, normal) in [
            ("main.main", "main.main"),
            ("main.main.func1", "main.main.func"),
            ("main.main.func12.3.1", "main.main.func"),
            ("main.f.func1.func2", "main.f.func"),
            ("main.f.g.func3", "main.f.g.func"),
            ("main.f.gowrap1", "main.f"),
            ("main.f.deferwrap2", "main.f"),
            ("main.f-range1", "main.f"),
            ("main.f-range1-range2", "main.f"),
            ("main.(*T).M-fm", "main.(*T).M"),
            ("main.init.0", "main.init"),
            ("main.glob..func1", "main.init.func"),
            ("main.init.func1", "main.init.func"),
            ("main.F[...]", "main.F"),
            ("main.F[go.shape.[]int,go.shape.map[string]int].func1", "main.F.func"),
            ("main.(*queue[...]).put", "main.(*queue).put"),
            ("github.com/a/b.v2/c1.(*T2).func1x", "github.com/a/b.v2/c1.(*T2).func1x"),
            ("gopkg.in/yaml%2ev3.Unmarshal", "gopkg.in/yaml%2ev3.Unmarshal"),
            ("main.worker2", "main.worker2"),
            ("vendor/golang.org/x/net/idna.F", "golang.org/x/net/idna.F"),
            ("a/vendor/b/vendor/c.F", "c.F"),
            ("main.F[a/vendor/b.T]", "main.F"),
            ("", ""),
        ] {
            assert_eq!(normal_name(name), normal, "{name}");
            assert_eq!(normal_name(normal), normal, "{name}: what is normal stays");
        }
    }
}
