//! Times, and how they are shown.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// Times of one way to see all goroutines.
#[derive(Debug, Default)]
pub(crate) struct Timed {
    pub(crate) name: String,
    pub(crate) ms: Vec<f64>,
    /// The most memory that it took.
    pub(crate) peak_kib: Option<u64>,
}

impl Timed {
    pub(crate) fn named(name: &str) -> Timed {
        Timed { name: name.into(), ..Timed::default() }
    }

    /// Runs something and notes how long it took.
    pub(crate) fn time<T>(&mut self, run: impl FnOnce() -> T) -> T {
        let began = Instant::now();
        let result = run();
        self.ms.push(ms(began.elapsed()));
        result
    }

    fn best(&self) -> f64 {
        self.ms.iter().copied().fold(f64::INFINITY, f64::min)
    }

    pub(crate) fn median(&self) -> f64 {
        let mut sorted = self.ms.clone();
        sorted.sort_by(f64::total_cmp);
        sorted.get(sorted.len() / 2).copied().unwrap_or_default()
    }

    /// Prints a line; `profile` is the median of what it is compared with.
    pub(crate) fn print(&self, profile: f64) -> Value {
        let ratio = profile / self.median();
        let peak = self.peak_kib.map_or("-".into(), |kib| format!("{} MiB", kib.div_ceil(1024)));
        println!(
            "  {:<36} {:>12.2} {:>12.2} {:>11.1}x {:>10}",
            self.name,
            self.best(),
            self.median(),
            ratio,
            peak
        );
        json!({
            "best_ms": self.best(),
            "median_ms": self.median(),
            "ratio_to_profile": ratio,
            "peak_kib": self.peak_kib,
        })
    }
}

/// The columns of [`Timed::print`].
pub(crate) fn heading() {
    println!("{:<38} {:>12} {:>12} {:>12} {:>10}", "", "best ms", "median ms", "vs profile", "memory");
}

pub(crate) fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// What these figures were measured on.
pub(crate) fn machine() -> Value {
    let cpus = std::thread::available_parallelism().map_or(1, usize::from);
    let file = |path| std::fs::read_to_string(path).unwrap_or_default();
    let info = file("/proc/cpuinfo");
    let model = info.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or("");
    let kernel = file("/proc/sys/kernel/osrelease");
    format!("{} CPUs,{}, Linux {}", cpus, model.trim_start_matches(['\t', ':']), kernel.trim()).into()
}

/// A line of `/proc/PID/status` that is a size, in KiB.
pub(crate) fn status_kib(pid: u32, name: &str) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or_default()
}
