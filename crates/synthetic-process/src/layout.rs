//! Where the runtime's fields are, by hand: from `DW_AT_data_member_location` of programs built by these very
//! toolchains, read with a debugging-information library of another language than this one.
//!
//! All for amd64; sizes and offsets in bytes.

mod go1_23;
mod go1_27;

pub use go1_23::GO_1_23;
pub use go1_27::GO_1_27;

/// What differs between releases.
#[derive(Debug, PartialEq, Eq)]
pub struct Layout {
    /// As `go version` prints it.
    pub version: &'static str,
    /// `runtime.g`
    pub g: G,
    /// `runtime.m`
    pub m: M,
    /// `runtime.p`
    pub p: P,
    /// `runtime.schedt`
    pub sched: Sched,
    /// `runtime.sudog`
    pub sudog: Sudog,
    /// `runtime.hchan`
    pub hchan: Hchan,
    /// `runtime.moduledata`
    pub module: ModuleData,
    /// Whether a label set is a map (else a slice).
    pub labels_are_maps: bool,
    /// Whether `g.waiting` is set for semaphores.
    pub semaphores_named: bool,
    /// `runtime.waitReasonStrings`
    pub wait_reasons: &'static [&'static str],
}

macro_rules! offsets {
    ($(#[$doc:meta])* $name:ident { $($field:ident),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[expect(missing_docs, reason = "the runtime's own names, nested ones joined by an underscore")]
        pub struct $name { $(pub $field: u64),* }
    };
}

offsets!(
    /// `runtime.g`
    G {
        size, stack_lo, stack_hi, m, sched_sp, sched_pc, sched_g, sched_bp, syscallsp, syscallpc,
        atomicstatus, goid, waitsince, waitreason, tracking_seq, lockedm, parent_goid, gopc, startpc,
        waiting, labels,
    }
);
offsets!(
    /// `runtime.m`
    M { size, procid, curg, p, id, spinning, blocked, incgo, alllink, lockedg }
);
offsets!(
    /// `runtime.p`
    P { size, id, status, schedtick, syscalltick, m, runqhead, runqtail, runnext }
);
offsets!(
    /// `runtime.schedt`
    Sched { size, goidgen, nmidle, npidle, nmspinning, runqsize, gcwaiting }
);
offsets!(
    /// `runtime.sudog`; of pairs of traced and untraced pointers (Go 1.26 and later) the untraced one.
    Sudog { size, g, next, prev, elem, is_select, waitlink, c }
);
offsets!(
    /// `runtime.hchan`
    Hchan { size, qcount, dataqsiz, elemsize, closed, timer, recvq_first, recvq_last, sendq_first, sendq_last }
);
offsets!(
    /// `runtime.moduledata`, as far as it differs: everything up to `enoptrbss` has been the same for long.
    ModuleData { size, end, types, etypes, rodata, gofunc, hasmain, next }
);

impl Layout {
    /// Number of a wait reason.
    ///
    /// # Panics
    /// When the release does not have it.
    pub fn wait_reason(&self, words: &str) -> u8 {
        let number = self.wait_reasons.iter().position(|reason| *reason == words);
        number.and_then(|n| u8::try_from(n).ok()).unwrap_or_else(|| panic!("no wait reason {words:?}"))
    }
}
