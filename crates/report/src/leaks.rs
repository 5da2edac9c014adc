//! Leaks as text.

use std::io;
use std::time::Duration;

use leak_detection::{Healthy, Leak, Leaks, Pathology, Verdict, fix, sentence};
use snapshot::{GoroutineId, LeakFindings, Printable, Snapshot};

use crate::awaited::awaited_text;
use crate::duration::short_duration;
use crate::grouped::{IDS_LISTED, write_stack};

/// What was found, and how it was looked for.
#[derive(Debug)]
pub struct LeakReport<'a> {
    /// All goroutines.
    pub snapshot: &'a Snapshot,
    /// What is to be said of them.
    pub leaks: &'a Leaks,
    /// Known kinds of trouble.
    pub pathologies: &'a [Pathology],
    /// Goroutines in waits that only others can end.
    pub candidates: u64,
    /// Further ones that only words keep alive which may be left over.
    pub kept_by_words: &'a [GoroutineId],
    /// Copies of the heap that agree.
    pub passes: u32,
    /// How long the target was stopped, if it was.
    pub frozen: Option<Duration>,
    /// How long no thread of the target ran, if the proof rests on that.
    pub at_rest: Option<Duration>,
    /// Bytes of each copy.
    pub copied_bytes: u64,
    /// Why nothing is proven, if something could have been; empty if the verdicts hold.
    pub doubts: &'a [String],
}

impl<'a> LeakReport<'a> {
    /// A report on what a search of the heap found.
    pub fn new(
        snapshot: &'a Snapshot,
        leaks: &'a Leaks,
        pathologies: &'a [Pathology],
        findings: &'a LeakFindings,
    ) -> Self {
        LeakReport {
            snapshot,
            leaks,
            pathologies,
            candidates: findings.candidates,
            kept_by_words: &findings.kept_by_words,
            passes: findings.passes,
            frozen: findings.frozen,
            at_rest: findings.at_rest,
            copied_bytes: findings.copied_bytes,
            doubts: &findings.doubts,
        }
    }
}

impl LeakReport<'_> {
    /// Goroutines of leaks with this verdict.
    pub fn goroutines(&self, verdict: Verdict) -> u64 {
        let of_verdict = self.leaks.leaks.iter().filter(|leak| leak.verdict == verdict);
        of_verdict.map(|leak| leak.group.count).sum()
    }

    /// Writes everything for people: the verdicts with their evidence, what is healthy, and a line that sums up.
    ///
    /// # Errors
    /// Only if `out` fails.
    pub fn write(&self, out: &mut impl io::Write) -> io::Result<()> {
        for leak in &self.leaks.leaks {
            self.write_leak(leak, out)?;
        }
        for pathology in self.pathologies {
            writeln!(out, "{}: {}", pathology.kind.name(), Printable(&pathology.evidence.join("; ")))?;
            writeln!(
                out,
                "    fix: {}\n    releases: {}\n",
                pathology.kind.remedy(),
                pathology.kind.releases()
            )?;
        }
        for Healthy { group, reason } in &self.leaks.healthy {
            let name = group.understanding.name().unwrap_or_default();
            writeln!(out, "healthy: {} goroutines, {}: {}", group.count, Printable(name), Printable(reason))?;
        }
        if !self.leaks.healthy.is_empty() {
            writeln!(out)?;
        }
        let all = self.snapshot.goroutines.len();
        let [proven, suspected] =
            [Verdict::Proven, Verdict::Suspected].map(|verdict| self.goroutines(verdict));
        let copies = match (self.frozen, self.at_rest, self.passes) {
            (Some(frozen), ..) => format!("the process was stopped for {}", milliseconds(frozen)),
            (None, Some(rest), _) => {
                format!("not stopped: none of its threads ran for {}", milliseconds(rest))
            }
            (None, None, 1) => "in one copy of its heap".to_owned(),
            (None, None, passes) => format!("{passes} copies of its heap agree"),
        };
        writeln!(
            out,
            "{all} goroutines, {} in waits that only others can end: {proven} proven leaked, {suspected} suspected; {copies}",
            self.candidates
        )?;
        if let more @ 1.. = self.kept_by_words.len() {
            writeln!(
                out,
                "{more} more may have leaked: only words on stacks in use refer to what they wait for, which may be left over"
            )?;
        }
        let doubts = self.doubts.iter().filter(|_| !self.leaks.leaks.is_empty());
        doubts.into_iter().try_for_each(|doubt| writeln!(out, "nothing is proven: {}", Printable(doubt)))
    }

    fn write_leak(&self, leak: &Leak, out: &mut impl io::Write) -> io::Result<()> {
        let Leak { group, score, .. } = leak;
        writeln!(out, "{}: {}", leak.verdict.name(), Printable(&sentence(self.snapshot, leak)))?;
        let mut facts = Vec::new();
        facts.extend(leak.retained_bytes.map(|bytes| format!("retains {}", size(bytes))));
        facts.extend(group.longest_wait.map(|wait| format!("oldest wait {}", short_duration(wait.ms()))));
        facts.extend(
            leak.growth.as_ref().and_then(|growth| growth.per_minute).map(|n| format!("{n:+.1} a minute")),
        );
        facts.push(format!("score {:.2} ({})", score.value, score.risk.name()));
        facts.extend(
            leak.boundary.as_ref().map(|boundary| format!("violates the {} boundary", boundary.kind.name())),
        );
        writeln!(out, "    {}", facts.join(", "))?;
        if let Some(name) = group.understanding.name() {
            let owner = group.understanding.owner.as_deref().map(|owner| format!("; owner {owner}"));
            writeln!(out, "    {}{}", Printable(name), Printable(&owner.unwrap_or_default()))?;
        }
        if let Some(text) = awaited_text(group) {
            writeln!(out, "    {text}")?;
        }
        if let Some(place) = &leak.made_at {
            writeln!(
                out,
                "    made in {} ({}:{})",
                Printable(&place.function),
                Printable(&place.file),
                place.line
            )?;
        }
        for evidence in &leak.evidence {
            writeln!(out, "    because {}", Printable(evidence))?;
        }
        writeln!(out, "    fix: {}", fix(leak))?;
        let ids: Vec<String> = group.ids.iter().take(IDS_LISTED).map(|id| id.0.to_string()).collect();
        let more = if group.ids.len() > IDS_LISTED { " ..." } else { "" };
        writeln!(out, "    {} {}{more}", if group.count == 1 { "id" } else { "ids" }, ids.join(" "))?;
        write_stack(self.snapshot, &group.into(), out)?;
        writeln!(out)
    }
}

/// Bytes for people.
fn size(bytes: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "one digit is shown")]
    let of = |unit: u64| bytes as f64 / unit as f64;
    match bytes {
        0..1024 => format!("{bytes} B"),
        1024..1_048_576 => format!("{:.1} KiB", of(1 << 10)),
        1_048_576..1_073_741_824 => format!("{:.1} MiB", of(1 << 20)),
        _ => format!("{:.1} GiB", of(1 << 30)),
    }
}

fn milliseconds(duration: Duration) -> String {
    format!("{:.1} ms", duration.as_secs_f64() * 1000.0)
}
