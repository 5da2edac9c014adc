//! What can be wrong with a frame.

/// Why a frame cannot be used. Whoever meets one needs a frame with everything in it.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// It ends too early, or has more than it says.
    #[error("the frame has another length than it says")]
    Length,
    /// It was made by another version of gostat.
    #[error("the frame has format {version}, which is not known here")]
    Version {
        /// Its first byte.
        version: u8,
    },
    /// It cannot be unpacked.
    #[error("the frame cannot be unpacked")]
    Packed(#[source] std::io::Error),
    /// Its head is not what it should be.
    #[error("the frame's head cannot be read")]
    Head(#[source] serde_json::Error),
    /// It says what has changed since a frame that was not applied.
    #[error("the frame follows number {before} and not number {applied}")]
    Order {
        /// Number of the frame that it follows.
        before: u64,
        /// Number of the frame that was applied last.
        applied: u64,
    },
    /// It speaks of something that does not exist: a place beyond the list, a cohort that nobody has described.
    #[error("the frame speaks of {what} {number}, which does not exist")]
    Unknown {
        /// Of what.
        what: &'static str,
        /// Its number.
        number: u64,
    },
}
