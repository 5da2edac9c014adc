//! Metrics of real Go processes, as a real Prometheus stores them.

#![forbid(unsafe_code)]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test ends where something is not as it must be"
)]
#![expect(clippy::print_stderr, reason = "a skipped test must be seen")]

mod prometheus;
mod scraped;

use capture::{Options, Session};
use target_programs::{Build, GoRelease, NEWEST, Program, Running, Variant};
use telemetry_export::{AgentSample, Format, Limits, ProcessTags, Tags, TargetMetrics, TargetSample, render};

use prometheus::Prometheus;
use scraped::{Scraped, stored};

/// A process that stands still, and what is exported of it.
struct Watched {
    metrics: TargetMetrics,
    session: Session,
    _running: Running,
}

impl Watched {
    fn start(release: GoRelease, service: &str) -> Option<Watched> {
        let built = Build::amd64(Program::Many, release, Variant::Stripped).build_or_skip().unwrap()?;
        let running = Running::start(&built, &["300"]).unwrap();
        let mut session = Session::attach(running.pid()).unwrap();
        let census = session.census(&Options { memory: true, ..Options::default() }).unwrap();
        let tags = Tags {
            target: running.pid().to_string(),
            service: Some(service.to_owned()),
            process: ProcessTags::from(census.target),
            ..Tags::default()
        };
        let metrics = TargetMetrics::new(tags, Limits::default());
        Some(Watched { metrics, session, _running: running })
    }

    /// Looks at it once, and gives the number of its goroutines that the look has found.
    fn tick(&mut self) -> u64 {
        let census = self.session.census(&Options { memory: true, ..Options::default() }).unwrap();
        self.metrics.observe(TargetSample::seen(&census));
        analysis::count(&census).total - analysis::count(&census).runtime
    }
}

fn agent() -> AgentSample {
    AgentSample { version: "test".to_owned(), cpu_seconds: Some(1.5), ..AgentSample::default() }
}

#[test]
fn prometheus_stores_what_was_rendered() {
    let Some(program) = Prometheus::find() else { return };
    // Text that Prometheus has to take as it is.
    let hostile = "a\"b\\c\nd{e=\"f\"} 1 # é\u{202e}";
    let starts = [(GoRelease::new(21, 13), "shop"), (NEWEST, hostile)];
    let mut watched: Vec<Watched> =
        starts.into_iter().filter_map(|(release, service)| Watched::start(release, service)).collect();
    if watched.len() < starts.len() {
        return;
    }
    for format in [Format::OpenMetrics, Format::Prometheus] {
        let scraped = Scraped::serve(format);
        let prometheus = Prometheus::start(&program, scraped.port());
        for _ in 0..2 {
            let counts: Vec<u64> = watched.iter_mut().map(Watched::tick).collect();
            assert!(counts.iter().all(|count| *count > 300), "{counts:?}");
            let text =
                render(format, &agent(), watched.iter().map(|watched| &watched.metrics), &Limits::default());
            let expected = stored(&text);
            for (watched, count) in watched.iter().zip(&counts) {
                let target = &watched.metrics.tags().target;
                let shown = expected.iter().find(|(labels, _)| {
                    labels["__name__"] == "go_goroutine_count" && labels.get("target") == Some(target)
                });
                assert_eq!(shown.unwrap().1.to_string(), count.to_string());
            }
            assert!(expected.len() > 100, "{}", expected.len());
            scraped.show(&text);
            prometheus.wait_until(&scraped, |now| {
                let problem = now.scrape_error();
                assert_eq!(problem, "", "{format:?}");
                now.series() == expected
            });
        }
        prometheus.stop();
    }
}
