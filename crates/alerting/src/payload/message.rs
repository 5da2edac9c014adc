//! What people in a chat read: a headline, and lines of facts.

use crate::alert::{Event, Notice};
use crate::observation::Severity;
use crate::payload::markup::Markup;
use crate::payload::timestamp::readable;

/// How a message is to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mood {
    Good,
    Mild,
    Bad,
}

/// The mood of a notice.
pub(super) fn mood(notice: &Notice) -> Mood {
    match (notice.event, notice.alert.severity) {
        (Event::Resolved, _) => Mood::Good,
        _ if notice.alert.is_test => Mood::Good,
        (_, Severity::Critical) => Mood::Bad,
        (_, Severity::Warning | Severity::Info) => Mood::Mild,
    }
}

/// `[CRITICAL] checkout: 25000 goroutines leak in main.collect (report.go:88)`, as plain text.
pub(super) fn headline(notice: &Notice) -> String {
    let alert = &notice.alert;
    let severity = alert.severity.name().to_uppercase();
    let mark = match notice.event {
        _ if alert.is_test => "TEST ALERT, nothing is wrong".to_owned(),
        Event::Fired => severity,
        Event::Escalated { from } => format!("{severity}, was {}", from.name()),
        Event::Reminder => format!("{severity}, still"),
        Event::Resolved => "RESOLVED".to_owned(),
    };
    format!("[{mark}] {}: {}", alert.service, alert.title())
}

/// The facts, a line each, the most important ones first: what does not fit is cut at the end.
pub(super) fn lines(notice: &Notice, markup: &Markup) -> Vec<String> {
    let alert = &notice.alert;
    let fact = |name: &str, value: String| format!("{} {value}", (markup.bold)(&format!("{name}:")));
    let mut lines = vec![(markup.escape)(&alert.explanation())];
    if !alert.causes.is_empty() {
        lines.push((markup.bold)("Causes:"));
        lines.extend(alert.causes.iter().enumerate().map(|(n, top)| {
            let share = top.share * 100.0;
            format!("{}. {}: {} ({share:.0} %)", n + 1, (markup.code)(&top.place()), top.cause.count)
        }));
        if alert.causes_more > 0 {
            lines.push(format!("… and {} more", alert.causes_more));
        }
    }
    if let Some(link) = &alert.link {
        lines.push((markup.link)("Show in gostat", link));
    }
    if let Some(fix) = &alert.fix {
        lines.push(fact("To mend", (markup.escape)(fix)));
    }
    lines.push(fact("Goroutines", goroutines(notice)));
    lines.push(fact("Where", (markup.escape)(&place(notice))));
    let key = [("Package", &alert.key.package), ("Route", &alert.key.route), ("Pool", &alert.key.pool)];
    lines
        .extend(key.into_iter().filter_map(|(name, value)| Some(fact(name, (markup.code)(value.as_ref()?)))));
    let since = readable(alert.firing_since_unix_ms);
    lines.push(match alert.resolved_at_unix_ms {
        Some(at) => fact("From", format!("{since} to {}", readable(at))),
        None => fact("Since", since),
    });
    lines
}

/// `25000, 120 more each minute`
pub(super) fn goroutines(notice: &Notice) -> String {
    let alert = &notice.alert;
    let most = match alert.count_max > alert.count {
        true => format!(" (at most {})", alert.count_max),
        false => String::new(),
    };
    match alert.per_minute {
        Some(rate) if rate >= 0.5 => format!("{}{most}, {rate:.0} more each minute", alert.count),
        _ => format!("{}{most}", alert.count),
    }
}

/// `checkout (production), 3 processes: pay-1 (pid 1) on node-3; …`
pub(super) fn place(notice: &Notice) -> String {
    let alert = &notice.alert;
    let environment = alert.environment.as_ref().map_or_else(String::new, |name| format!(" ({name})"));
    let processes = match alert.targets_total {
        1 => "1 process".to_owned(),
        many => format!("{many} processes"),
    };
    let named: Vec<String> = alert.targets.iter().map(crate::TargetTags::place).collect();
    let more = alert.targets_total.saturating_sub(named.len() as u64);
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    format!("{}{environment}, {processes}: {}{more}", alert.service, named.join("; "))
}
