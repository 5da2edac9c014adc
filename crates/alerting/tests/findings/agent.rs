//! What an agent does with findings: ticks of ten seconds, and a few targets.

use alerting::{
    Cause, CauseKey, Event, FindingSettings, Findings, Judged, Kind, Notice, Observation, Severity,
    TargetKey, TargetTags, Tick,
};

/// A process of the service `checkout`.
pub(crate) fn target(pid: u32) -> TargetTags {
    TargetTags {
        pid,
        executable: "/srv/checkout".to_owned(),
        service: Some("checkout".to_owned()),
        environment: Some("production".to_owned()),
        pod: Some(format!("checkout-{pid}")),
        node: Some("node-3".to_owned()),
        ..TargetTags::default()
    }
}

/// Leaked goroutines, blocked in one line of package `shop/report`.
pub(crate) fn leak(pid: u32, line: u32, count: u64) -> Observation {
    Observation {
        detector: "leaks",
        kind: Kind::LeakSuspected,
        key: CauseKey { package: Some("shop/report".to_owned()), ..CauseKey::default() },
        target: target(pid),
        severity: Severity::Warning,
        sentence: format!("{count} goroutines may have leaked, in report.collect (report.go:{line})."),
        evidence: vec!["seen".to_owned()],
        causes: vec![Cause {
            function: "report.collect".to_owned(),
            file: "/src/report.go".to_owned(),
            line,
            count,
        }],
        count,
        per_minute: None,
        fix: Some("select on ctx.Done()".to_owned()),
    }
}

/// Findings, with a clock.
pub(crate) struct Agent {
    pub(crate) findings: Findings,
    pub(crate) now_ms: u64,
}

impl Agent {
    pub(crate) fn new(settings: FindingSettings) -> Agent {
        Agent { findings: Findings::new(settings), now_ms: 1_000_000_000 }
    }

    /// Ten seconds later the detector of leaks has looked at these processes, and seen this.
    pub(crate) fn tick(&mut self, looked_at: &[u32], seen: &[Observation]) -> Vec<Notice> {
        self.tick_with(looked_at, seen, &[])
    }

    /// The same, and these have ended.
    pub(crate) fn tick_with(
        &mut self,
        looked_at: &[u32],
        seen: &[Observation],
        ended: &[u32],
    ) -> Vec<Notice> {
        self.now_ms += 10_000;
        let judged: Vec<Judged<'_>> =
            looked_at.iter().map(|pid| Judged { target: target(*pid).key(), detector: "leaks" }).collect();
        let gone: Vec<TargetKey> = ended.iter().map(|pid| target(*pid).key()).collect();
        self.findings.tick(&Tick {
            at_unix_ms: self.now_ms,
            observations: seen,
            judged: &judged,
            gone: &gone,
        })
    }

    /// Ticks until something is told, at most `ticks` times; how many it took, and what.
    pub(crate) fn until_told(
        &mut self,
        ticks: u32,
        looked_at: &[u32],
        seen: &[Observation],
    ) -> Option<(u32, Notice)> {
        (1..=ticks).find_map(|n| self.tick(looked_at, seen).into_iter().next().map(|notice| (n, notice)))
    }

    /// Has process 1 leak until it is told.
    pub(crate) fn firing(settings: FindingSettings) -> Agent {
        let mut agent = Agent::new(settings);
        let (_, notice) = agent.until_told(10, &[1], &[leak(1, 88, 100)]).unwrap();
        assert_eq!(notice.event, Event::Fired);
        agent
    }
}
