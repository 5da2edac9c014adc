//! How many series there may be, and how long their labels.

/// Bounds of what is exported. Whatever is beyond them is summed up or left out, and counted, never lost silently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Stacks of each target that have a series of their own; the others are one series, `stack="other"`.
    pub stacks: usize,
    /// Wait reasons of each target, ever; others are `reason="other"`. The runtime has about fifty.
    pub wait_reasons: usize,
    /// Kinds of errors of each target, ever; others are `class="other"`.
    pub error_classes: usize,
    /// Kinds of findings of each target, and sinks and queues of the agent; other findings are `kind="other"`.
    pub findings: usize,
    /// Series of one exposition. Targets that do not fit, in the order of their tags, are left out whole and counted
    /// in `gostat_exposition_left_out_targets`.
    pub series: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { stacks: 20, wait_reasons: 64, error_classes: 16, findings: 32, series: 100_000 }
    }
}

/// Characters of a label's value that are kept; a longer one ends in `…`.
pub const LABEL_CHARACTERS_MAX: usize = 160;
