//! The function that stands for a stack: the innermost one that somebody can change.

use std::borrow::Cow;

use snapshot::{FunctionRole, StackId, Tables};

use crate::meaning::is_standard;
use crate::normal_name::normal_name;

/// The name of the innermost function that is not of the standard library, or where there is none, of the innermost one
/// that a traceback of Go shows; `None` for a stack without frames that have names.
pub fn own_function(tables: &Tables, stack: StackId) -> Option<&str> {
    let mut ordinary = tables
        .frames_of(stack)
        .filter(|frame| frame.role == FunctionRole::Ordinary)
        .map(|frame| tables.text(frame.function));
    let own = ordinary.find(|name| !is_standard(name));
    let shown = || tables.shown_frames(stack).first().map(|frame| tables.text(frame.function));
    own.or_else(shown).filter(|name| !name.is_empty())
}

/// The [`normal_name`] of the [`own_function`] of a stack that is in no tables: the functions of its ordinary frames,
/// innermost first.
pub fn own_name<'n>(functions: impl IntoIterator<Item = &'n str, IntoIter: Clone>) -> Option<Cow<'n, str>> {
    let mut functions = functions.into_iter().filter(|name| !name.is_empty());
    let (mut shown, mut all) = (functions.clone(), functions.clone());
    let own = functions.find(|name| !is_standard(name));
    own.or_else(|| shown.find(|name| !name.starts_with("runtime."))).or_else(|| all.next()).map(normal_name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use snapshot::{Frame, StackTrace};

    fn own(names: &[&str]) -> Option<String> {
        let mut tables = Tables::default();
        let frames = names
            .iter()
            .map(|name| {
                let function = tables.strings.intern_str(name);
                tables.frames.intern(Frame { function, ..Frame::default() })
            })
            .collect();
        let stack = tables.stacks.intern(StackTrace { frames, complete: true });
        let own = own_function(&tables, stack);
        assert_eq!(own_name(names.iter().copied()), own.map(normal_name), "with and without tables");
        own.map(str::to_owned)
    }

    #[test]
    fn it_is_the_innermost_of_the_program_else_the_innermost_that_go_shows() {
        let call =
            ["runtime.gopark", "sync.(*Mutex).Lock", "example.com/shop.(*Cart).add.func1.2", "main.main"];
        assert_eq!(own(&call).as_deref(), Some("example.com/shop.(*Cart).add.func1.2"));
        let idle = ["runtime.gopark", "net/http.(*persistConn).readLoop", "net/http.(*Transport).dialConn"];
        assert_eq!(own(&idle).as_deref(), Some("net/http.(*persistConn).readLoop"));
        assert_eq!(own(&["runtime.gopark", "runtime.bgsweep"]).as_deref(), Some("runtime.gopark"));
        assert_eq!(own(&[]), None);
    }
}
