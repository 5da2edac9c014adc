//! The few kinds of waiting that matter at a glance.

/// What a goroutine waits for, coarsely: the runtime has about fifty wait reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WaitClass {
    /// A single channel operation.
    Chan,
    /// A `select`.
    Select,
    /// A mutex, wait group, condition variable or other semaphore.
    Lock,
    /// A network connection or other polled file.
    Io,
    /// `time.Sleep`.
    Sleep,
    /// Anything else: mostly the runtime's own business.
    Other,
}

impl WaitClass {
    /// Every class, in the order in which outputs list them.
    pub const ALL: [WaitClass; 6] = [
        WaitClass::Chan,
        WaitClass::Select,
        WaitClass::Lock,
        WaitClass::Io,
        WaitClass::Sleep,
        WaitClass::Other,
    ];

    /// The class of a wait reason, in the words of any release (`waitReasonStrings` of runtime2.go).
    pub fn of(wait_reason: &str) -> WaitClass {
        // Waiting in a synctest bubble adds a mark to the same words (Go 1.25 and later).
        match wait_reason.trim_end_matches(" (durable)").trim_end_matches(" (synctest)") {
            "IO wait" => WaitClass::Io,
            "sleep" => WaitClass::Sleep,
            "select" | "select (no cases)" => WaitClass::Select,
            // "semacquire" is all that releases before 1.20 said of any lock.
            "semacquire" | "sync.Cond.Wait" | "sync.Mutex.Lock" | "sync.WaitGroup.Wait" => WaitClass::Lock,
            reason if reason.starts_with("sync.RWMutex.") => WaitClass::Lock,
            reason if reason.starts_with("chan receive") || reason.starts_with("chan send") => {
                WaitClass::Chan
            }
            _ => WaitClass::Other,
        }
    }

    /// A short name for outputs.
    pub fn name(self) -> &'static str {
        match self {
            WaitClass::Chan => "chan",
            WaitClass::Select => "select",
            WaitClass::Lock => "lock",
            WaitClass::Io => "io",
            WaitClass::Sleep => "sleep",
            WaitClass::Other => "other",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::WaitClass::{self, *};

    #[test]
    fn reasons_of_all_releases_have_their_class() {
        for (reason, class) in [
            ("chan receive", Chan),
            ("chan send (nil chan)", Chan),
            ("chan receive (durable)", Chan),
            ("chan receive (synctest)", Chan),
            ("select", Select),
            ("select (no cases)", Select),
            ("semacquire", Lock),
            ("sync.RWMutex.RLock", Lock),
            ("sync.WaitGroup.Wait (durable)", Lock),
            ("IO wait", Io),
            ("sleep", Sleep),
            ("GC worker (idle)", Other),
            ("coroutine", Other),
        ] {
            assert_eq!(WaitClass::of(reason), class, "{reason}");
        }
    }
}
