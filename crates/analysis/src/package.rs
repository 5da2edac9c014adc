//! The package of a Go function, from its name alone.

use std::borrow::Cow;

/// The import path of the package that a function belongs to, or `None` for one that belongs to none
/// (C code, assembly entry points, functions that the compiler made for types).
///
/// A symbol is the package's path, a dot, and the rest. The path's own dots are in front of its last
/// slash, or escaped as `%2e` behind it (`objabi.PathToPrefix` of the Go linker). Type arguments and
/// receivers may contain other paths.
///
/// ```
/// use analysis::package_of;
/// assert_eq!(package_of("net/http.(*conn).serve").as_deref(), Some("net/http"));
/// assert_eq!(package_of("gopkg.in/yaml%2ev3.Unmarshal").as_deref(), Some("gopkg.in/yaml.v3"));
/// assert_eq!(package_of("_rt0_amd64_linux"), None);
/// ```
pub fn package_of(function: &str) -> Option<Cow<'_, str>> {
    // `type:.eq.main.T` (and `type..eq.` up to Go 1.19) and `go:buildid` belong to the compiler.
    if ["type:", "type..", "go:", "go."].iter().any(|prefix| function.starts_with(prefix)) {
        return None;
    }
    let head = function.split(['[', '(', '{', ' ']).next().unwrap_or_default();
    let last_element = head.rfind('/').map_or(0, |slash| slash + 1);
    let dot = last_element + head.get(last_element..)?.find('.')?;
    let path = head.get(..dot).filter(|path| !path.is_empty())?;
    Some(unescape(path))
}

/// Undoes `%xx`; what is no such escape stays as it is.
fn unescape(path: &str) -> Cow<'_, str> {
    if !path.contains('%') {
        return Cow::Borrowed(path);
    }
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let escaped = (byte == b'%').then(|| after.get(..2)).flatten();
        let decoded = escaped.and_then(hex_byte);
        bytes.push(decoded.unwrap_or(byte));
        rest = if decoded.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

/// Two hexadecimal digits as a byte.
fn hex_byte(digits: &[u8]) -> Option<u8> {
    let digit = |at: usize| char::from(*digits.get(at)?).to_digit(16);
    u8::try_from(digit(0)? * 16 + digit(1)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_real_binaries_have() {
        for (function, package) in [
            ("main.main", "main"),
            ("main.main.func1.2", "main"),
            ("main.init.0", "main"),
            ("main.(*queue[...]).put", "main"),
            ("main.F[github.com/a/b.T]", "main"),
            ("runtime/debug.Stack", "runtime/debug"),
            ("github.com/a/b.v2/c.(*T).M-fm", "github.com/a/b.v2/c"),
            ("example.com/x%2ey%22z.F", "example.com/x.y\"z"),
            ("main.struct { github.com/a/b.T }.M", "main"),
            ("vendor/golang.org/x/net/http2/hpack.init", "vendor/golang.org/x/net/http2/hpack"),
            ("a%zz/b%2.F", "a%zz/b%2"),
            ("caf%c3%a9.F", "café"),
        ] {
            assert_eq!(package_of(function).as_deref(), Some(package), "{function}");
        }
        for function in ["", "x_cgo_init", "type:.eq.main.T", "go:buildid", ".F", "a/b"] {
            assert_eq!(package_of(function), None, "{function}");
        }
    }
}
