//! Bounds on everything that is read: the target's memory may be damaged or hostile.

/// How much of each thing is read at most. What is beyond becomes a gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Goroutine descriptors.
    pub goroutines_max: u64,
    /// Bytes of one goroutine's stack, from its stack pointer up.
    pub stack_bytes_max: u64,
    /// Bytes of all stacks together, retries included.
    pub stacks_bytes_max: u64,
    /// Frames of one stack.
    pub frames_max: usize,
    /// Ms, and separately Ps.
    pub threads_max: usize,
    /// Spans that Ps allocate from, all Ps together.
    pub cached_spans_max: usize,
    /// Cases of one `select`.
    pub select_cases_max: usize,
    /// Waiters on all semaphores.
    pub semaphore_waiters_max: usize,
    /// Labels of one goroutine.
    pub labels_max: usize,
    /// Bytes of one text.
    pub text_max: usize,
    /// Bytes of objects with pointers that are copied to find out what can be reached.
    pub heap_bytes_max: u64,
    /// Spans of the heap: more describe one of half a terabyte.
    pub heap_spans_max: usize,
    /// Times that a goroutine's stack is tried again when it moved meanwhile.
    pub retries_max: u32,
    /// Threads of ours that read side by side. More than one only pays where there are tens of thousands of
    /// goroutines, and only then there are more.
    pub workers: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            goroutines_max: 8_000_000,
            stack_bytes_max: 64 << 20,
            stacks_bytes_max: 8 << 30,
            frames_max: 100_000,
            threads_max: 65_536,
            cached_spans_max: 1 << 20,
            select_cases_max: 65_536,
            semaphore_waiters_max: 8_000_000,
            labels_max: 1024,
            text_max: 4096,
            heap_bytes_max: 16 << 30,
            heap_spans_max: 1 << 26,
            retries_max: 3,
            workers: 1,
        }
    }
}
