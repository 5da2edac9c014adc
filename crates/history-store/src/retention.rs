//! How much is kept, and how long.

/// Milliseconds of an hour.
const HOUR_MS: u64 = 3_600_000;

/// How fine recorded figures are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Every tick.
    Raw,
    /// A minute.
    Minute,
    /// An hour.
    Hour,
}

impl Level {
    /// Finest first.
    pub const ALL: [Level; 3] = [Level::Raw, Level::Minute, Level::Hour];

    /// What one point stands for, milliseconds; 0 for single ticks.
    pub const fn step_ms(self) -> u64 {
        match self {
            Level::Raw => 0,
            Level::Minute => 60_000,
            Level::Hour => HOUR_MS,
        }
    }
}

/// What is removed: figures older than their age, and the oldest while there is too much in all (ticks before
/// minutes before hours). Findings that are firing always stay, and so does the current hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Age of ticks, milliseconds.
    pub raw_ms: u64,
    /// Age of minutes, milliseconds.
    pub minute_ms: u64,
    /// Age of hours, of marks, and of findings that have resolved, milliseconds.
    pub hour_ms: u64,
    /// Size of everything, bytes.
    pub bytes_max: u64,
}

impl Default for Retention {
    /// A week of ticks, a month of minutes, thirteen months of hours, and 2 GiB.
    fn default() -> Self {
        let day = 24 * HOUR_MS;
        Retention { raw_ms: 7 * day, minute_ms: 31 * day, hour_ms: 400 * day, bytes_max: 2 << 30 }
    }
}

impl Retention {
    /// Age of figures of a level, milliseconds.
    pub fn age_ms(&self, level: Level) -> u64 {
        match level {
            Level::Raw => self.raw_ms,
            Level::Minute => self.minute_ms,
            Level::Hour => self.hour_ms,
        }
    }
}

/// What keeping a history tidy has done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tidied {
    /// Runs of ticks that were packed together.
    pub packed: u64,
    /// Hours that were finished and rolled up.
    pub sealed: u64,
    /// Blocks of ticks, minutes or hours that were removed.
    pub removed: u64,
    /// Whether there is more to pack or to seal: then it may be called again at once.
    pub more: bool,
}

/// How large a history is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sizes {
    /// The database file, bytes.
    pub file_bytes: u64,
    /// What of it is free for reuse, bytes.
    pub free_bytes: u64,
    /// The log of the latest writes beside it, bytes.
    pub log_bytes: u64,
    /// By level, finest first.
    pub levels: Vec<LevelSize>,
    /// Different processes, stacks and texts.
    pub processes: u64,
    /// Different stacks.
    pub stacks: u64,
    /// Different texts.
    pub strings: u64,
}

/// What there is of one level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LevelSize {
    /// Which.
    pub level: Level,
    /// Ticks that its points stand for.
    pub ticks: u64,
    /// Bytes of its points.
    pub bytes: u64,
    /// The time of the oldest point, milliseconds since the Unix epoch.
    pub oldest_ms: Option<u64>,
}
