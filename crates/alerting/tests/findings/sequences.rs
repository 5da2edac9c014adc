//! Whatever happens in whatever order, with restarts in between: what is told makes sense.

use alerting::{Event, FindingSettings, Findings, Matcher, Severity, Silence};
use proptest::prelude::*;

use crate::agent::{Agent, leak};

/// What happens in a tick.
#[derive(Debug, Clone, Copy)]
enum Step {
    Seen,
    SeenWorse,
    NotSeen,
    NotLookedAt,
    Ended,
    Silenced,
    Restarted,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    use Step::{Ended, NotLookedAt, NotSeen, Restarted, Seen, SeenWorse, Silenced};
    let step = prop_oneof![
        6 => Just(Seen), 1 => Just(SeenWorse), 6 => Just(NotSeen), 2 => Just(NotLookedAt), 1 => Just(Ended),
        1 => Just(Silenced), 1 => Just(Restarted),
    ];
    // Runs of the same make lives of all lengths.
    prop::collection::vec((step, 1usize..8), 0..40).prop_map(|runs| {
        runs.into_iter().flat_map(|(step, times)| std::iter::repeat_n(step, times)).collect()
    })
}

fn settings() -> FindingSettings {
    FindingSettings { flap_count: 3, flap_resolve_after_s: 200, ..FindingSettings::default() }
}

fn silence(agent: &mut Agent) {
    let matchers = vec![Matcher { label: "service".to_owned(), pattern: "*".to_owned(), negated: false }];
    let ends_unix_ms = agent.now_ms + 70_000;
    let silence = Silence { id: 0, matchers, ends_unix_ms, comment: String::new(), author: String::new() };
    agent.findings.add_silence(silence).unwrap();
}

proptest! {
    #[test]
    fn it_fires_escalates_and_ends_in_this_order_and_only_once(steps in steps()) {
        let mut agent = Agent::new(settings());
        let mut told = None;
        for step in steps {
            let mut worse = leak(1, 88, 100);
            worse.severity = Severity::Critical;
            let notices = match step {
                Step::Seen => agent.tick(&[1], &[leak(1, 88, 100)]),
                Step::SeenWorse => agent.tick(&[1], &[worse]),
                Step::NotSeen => agent.tick(&[1], &[]),
                Step::NotLookedAt => agent.tick(&[], &[]),
                Step::Ended => agent.tick_with(&[], &[], &[1]),
                Step::Silenced => {
                    silence(&mut agent);
                    continue;
                }
                Step::Restarted => {
                    agent.findings = Findings::restore(settings(), agent.findings.save(), agent.now_ms).unwrap();
                    continue;
                }
            };
            prop_assert!(notices.len() <= 1);
            for notice in notices {
                let severity = notice.alert.severity;
                told = match (told, notice.event) {
                    (None, Event::Fired) => Some(severity),
                    (Some(before), Event::Escalated { from }) if from == before && severity > from => Some(severity),
                    (Some(before), Event::Resolved) if severity == before => None,
                    (told, event) => panic!("{event:?} after {told:?}"),
                };
            }
            // What fires and is not silenced has been told, and nothing else is said to fire.
            let firing = agent.findings.firing();
            prop_assert!(firing.is_empty() || firing[0].severity == told.unwrap());
        }
        // Quiet for long, it is over for everybody, and forgotten in the end.
        while agent.now_ms < 1_000_000_000 + 40 * 8 * 10_000 + 90_000_000 {
            agent.now_ms += 990_000;
            for notice in agent.tick(&[1], &[]) {
                prop_assert_eq!(notice.event, Event::Resolved);
                told = None;
            }
        }
        prop_assert_eq!(told, None);
        prop_assert_eq!(agent.findings.all().count(), 0);
    }
}
