//! Stacks and label sets with their text: what they are is what they say, whichever table they came from.

use std::sync::Arc;

use snapshot::FunctionRole;

/// One frame of a stack.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Frame {
    /// The runtime's own name for the function.
    pub function: Arc<str>,
    /// Source file as the compiler recorded it.
    pub file: Arc<str>,
    /// Line in that file; 0 if unknown.
    pub line: u32,
    /// Whether this call was inlined into the next frame.
    pub inlined: bool,
    /// Special roles that change how Go's own tools print the frame.
    pub role: FunctionRole,
}

/// A stack with what a traceback says besides its frames. Two with the same content are one in a history, also
/// of different processes. Program counters are not part of it: they differ with every build and start.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Stack {
    /// Innermost first.
    pub frames: Vec<Frame>,
    /// Whether no outer frames are missing.
    pub complete: bool,
    /// The `go` statement that started its goroutines.
    pub created_by: Option<Frame>,
    /// Whether its goroutines are the runtime's own.
    pub is_runtime: bool,
}

/// pprof labels as (key, value), in the order in which the runtime holds them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Labels(pub Vec<(Arc<str>, Arc<str>)>);
