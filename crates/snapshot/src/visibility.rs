//! Which frames Go's own tools leave out when they show a stack.

use crate::stack::{Frame, FunctionRole, StackId, Tables};

impl Tables {
    /// The frames that a traceback of the runtime shows by default (`GOTRACEBACK=single` or `all`),
    /// innermost first: without runtime internals and compiler-made wrappers. A stack that has no other
    /// frames is shown whole, as the runtime does.
    ///
    /// Follows `showfuncinfo` and `traceback1` of the runtime's `traceback.go` (Go 1.26). Releases before
    /// 1.25 hid the runtime's frame below a running finalizer, which is shown here for all of them.
    pub fn shown_frames(&self, stack: StackId) -> Vec<&Frame> {
        let mut shown = Vec::new();
        let mut callee = "";
        for frame in self.frames_of(stack) {
            let name = self.text(frame.function);
            if self.is_shown(frame, shown.is_empty(), callee) {
                shown.push(frame);
            }
            callee = name;
        }
        if shown.is_empty() { self.frames_of(stack).collect() } else { shown }
    }

    /// The frames that profiles of the runtime record, innermost first: all but the wrappers between a
    /// caller and the function that it meant (`tracebackPCs` of `traceback.go`).
    pub fn profiled_frames(&self, stack: StackId) -> Vec<&Frame> {
        let mut callee = "";
        let mut kept = Vec::new();
        for frame in self.frames_of(stack) {
            if !(frame.role == FunctionRole::Wrapper && may_hide_wrapper_of(callee)) {
                kept.push(frame);
            }
            callee = self.text(frame.function);
        }
        kept
    }

    /// Whether a traceback shows `frame` as the place of a `go` statement: `go` statements of the runtime
    /// itself are not shown.
    pub fn is_shown_as_creator(&self, frame: &Frame) -> bool {
        self.is_shown(frame, false, "")
    }

    fn is_shown(&self, frame: &Frame, first_shown: bool, callee: &str) -> bool {
        match frame.role {
            FunctionRole::Foreign => return true,
            FunctionRole::Wrapper if may_hide_wrapper_of(callee) => return false,
            FunctionRole::Wrapper | FunctionRole::Ordinary => {}
        }
        match self.text(frame.function) {
            // Without these it would not show that a goroutine runs finalizers or cleanups.
            "runtime.runFinalizers" | "runtime.runfinq" | "runtime.runCleanups" => true,
            // The border between ordinary code and deferred code that a panic runs: golang/go#5832.
            "runtime.gopanic" => !first_shown,
            name => match name.strip_prefix("runtime.") {
                Some(rest) => is_exported(rest),
                None => name.contains('.'),
            },
        }
    }
}

/// If a wrapper called a panic function instead of the wrapped function, it is worth showing
/// (`elideWrapperCalling`).
fn may_hide_wrapper_of(callee: &str) -> bool {
    !matches!(callee, "runtime.gopanic" | "runtime.sigpanic" | "runtime.panicwrap")
}

/// Whether a function of package runtime is exported: an exported function, or an exported method of an
/// exported type (`isExportedRuntime`).
fn is_exported(name: &str) -> bool {
    let starts_upper = |text: &str| text.starts_with(|c: char| c.is_ascii_uppercase());
    match name.rsplit_once('.') {
        None => starts_upper(name),
        Some((receiver, method)) => {
            let inner = receiver.strip_prefix("(*").and_then(|rest| rest.strip_suffix(')'));
            starts_upper(method) && (receiver.is_empty() || starts_upper(inner.unwrap_or(receiver)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::StackTrace;

    fn shown(names: &[(&str, FunctionRole)]) -> (Vec<String>, Vec<String>) {
        let mut tables = Tables::default();
        let frames = names
            .iter()
            .map(|(name, role)| {
                let function = tables.strings.intern_str(name);
                tables.frames.intern(Frame { function, role: *role, ..Frame::default() })
            })
            .collect();
        let stack = tables.stacks.intern(StackTrace { frames, complete: true });
        let text = |frames: Vec<&Frame>| frames.iter().map(|f| tables.text(f.function).to_owned()).collect();
        (text(tables.shown_frames(stack)), text(tables.profiled_frames(stack)))
    }

    use FunctionRole::{Foreign, Ordinary, Wrapper};

    #[test]
    fn internals_and_wrappers_are_hidden_and_exported_functions_are_not() {
        let (shown, profiled) = shown(&[
            ("runtime.gopark", Ordinary),
            ("runtime.Gosched", Ordinary),
            ("runtime.(*Frames).Next", Ordinary),
            ("runtime.(*mheap).Alloc", Ordinary),
            ("internal/runtime/atomic.Load", Ordinary),
            ("main.(*T).work", Ordinary),
            ("main.T.work", Wrapper),
            ("", Foreign),
            ("_rt0_amd64", Ordinary),
            ("runtime.main", Ordinary),
        ]);
        let expected = [
            "runtime.Gosched",
            "runtime.(*Frames).Next",
            "internal/runtime/atomic.Load",
            "main.(*T).work",
            "",
        ];
        assert_eq!(shown, expected);
        assert_eq!(profiled.len(), 9, "only the wrapper is missing");
    }

    #[test]
    fn a_panic_shows_in_the_middle_but_not_at_the_top() {
        assert_eq!(shown(&[("main.deferred", Ordinary), ("runtime.gopanic", Ordinary)]).0.len(), 2);
        assert_eq!(shown(&[("runtime.gopanic", Ordinary), ("main.f", Ordinary)]).0, ["main.f"]);
        let panicked =
            shown(&[("runtime.panicwrap", Ordinary), ("main.(*T).m", Wrapper), ("main.f", Ordinary)]);
        assert_eq!(panicked.0, ["main.(*T).m", "main.f"]);
        assert_eq!(panicked.1.len(), 3);
    }

    #[test]
    fn a_stack_of_nothing_but_internals_is_shown_whole() {
        assert_eq!(shown(&[("runtime.gopark", Ordinary), ("runtime.bgsweep", Ordinary)]).0.len(), 2);
        assert_eq!(shown(&[("runtime.gopark", Ordinary), ("runtime.runFinalizers", Ordinary)]).0.len(), 1);
    }
}
