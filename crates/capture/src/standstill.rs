//! A target whose threads all stand still, with the ids by which its runtime knows them.

use process_memory::{FreezeError, FreezeLimits, Frozen, FrozenFor, FrozenThread, freeze};

use crate::error::CaptureError;
use crate::session::Session;
use crate::thread_ids::ThreadIds;

/// The threads of a process that stands still.
#[derive(Debug)]
pub struct Standstill<'f> {
    /// All of them, by the ids that they have for us.
    pub threads: &'f [FrozenThread],
    ids: ThreadIds,
}

impl Standstill<'_> {
    /// The thread that the target's runtime knows by this id (`m.procid`), which in a container is another one than
    /// ours. `None` if it has ended.
    pub fn thread_of(&self, procid: u32) -> Option<&FrozenThread> {
        let tid = self.ids.ours(procid)?;
        let index = self.threads.binary_search_by_key(&tid, |thread| thread.tid).ok()?;
        self.threads.get(index)
    }
}

impl Session {
    /// Runs `copy` while every thread of the target stands still, for no longer than `limits.deadline`: see
    /// [`freeze`](process_memory::freeze). Only for users who ask for it (`--freeze`).
    ///
    /// That it still is the program that was attached to is checked before `copy` runs, and stays so meanwhile.
    ///
    /// # Errors
    /// [`CaptureError`]: the target is gone or another program, or it cannot be stopped, and why. Nothing is left
    /// stopped then, and `copy` has not run.
    pub fn freeze<T>(
        &self,
        limits: &FreezeLimits,
        copy: impl FnOnce(&Standstill<'_>) -> T,
    ) -> Result<FrozenFor<T>, CaptureError> {
        let pid = self.process().pid();
        let checked = |frozen: &Frozen| {
            self.what_became().map_or_else(
                || Ok(copy(&Standstill { threads: &frozen.threads, ids: ThreadIds::of(self.process()) })),
                Err,
            )
        };
        let FrozenFor { value, stopped, expired } =
            freeze(pid, limits, checked).map_err(|cause| match (cause, self.what_became()) {
                (_, Some(end)) => end,
                (FreezeError::NoSuchProcess { pid }, None) => CaptureError::Exited { pid },
                (FreezeError::NotPermitted { .. }, None) => {
                    CaptureError::NotPermitted(self.process().memory_denied())
                }
                (cause, None) => CaptureError::Freeze { cause },
            })?;
        Ok(FrozenFor { value: value?, stopped, expired })
    }
}
