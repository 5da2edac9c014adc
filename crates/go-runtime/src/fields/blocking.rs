//! Offsets in what goroutines wait for beyond channels and semaphores. What a release lacks is `None`.

use go_binary::layout::Layouts;

use super::Structure;

/// Everything that is not needed to show goroutines, but to say more of their waits.
#[derive(Debug, Clone)]
pub(crate) struct BlockingFields {
    /// `runtime.timer.when`.
    pub(crate) timer_when: Option<usize>,
    pub(crate) poll: Option<PollFields>,
    /// `notifyList.head`, in `sync.Cond`.
    pub(crate) cond_head: Option<usize>,
}

/// `runtime.pollDesc`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PollFields {
    pub(crate) size: usize,
    pub(crate) file: usize,
    /// The goroutine that waits to read, and the one that waits to write.
    pub(crate) waiters: [usize; 2],
}

impl BlockingFields {
    pub(super) fn bind(layouts: &Layouts) -> Self {
        let poll = Structure { layouts, name: "runtime.pollDesc" };
        let poll = || {
            let waiters = [poll.has("rg")?, poll.has("wg")?];
            Some(PollFields { size: poll.size().ok()?, file: poll.has("fd")?, waiters })
        };
        BlockingFields {
            timer_when: Structure { layouts, name: "runtime.timer" }.has("when"),
            poll: poll(),
            cond_head: Structure { layouts, name: "sync.Cond" }.has("notify.head"),
        }
    }
}
