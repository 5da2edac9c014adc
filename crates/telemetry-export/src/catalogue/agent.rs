//! Metrics of the agent itself. Those that every process has are called as every client of Prometheus calls them.

use super::Exported;
use super::Kind::{Counter, Gauge, Info};
use crate::exposition::Page;

pub(crate) static AGENT: &[Exported<Page>] = &[
    Exported::of_agent(Info, "gostat_build_info", "Which build of gostat this is", |page, points| {
        points.put_labelled(&[&page.agent.version], 1_u64);
    })
    .labelled(&["version"]),
    Exported::of_agent(
        Gauge,
        "process_start_time_seconds",
        "When gostat began, seconds since the Unix epoch",
        |page, points| points.put(page.agent.start_time_unix_seconds),
    ),
    Exported::of_agent(
        Counter,
        "process_cpu_seconds_total",
        "CPU time of gostat, user and system",
        |page, points| points.put(page.agent.cpu_seconds),
    ),
    Exported::of_agent(Gauge, "process_resident_memory_bytes", "Memory of gostat in RAM", |page, points| {
        points.put(page.agent.resident_bytes);
    }),
    Exported::of_agent(Gauge, "process_open_fds", "Open file descriptors of gostat", |page, points| {
        points.put(page.agent.open_files);
    }),
    Exported::of_agent(
        Gauge,
        "process_max_fds",
        "File descriptors that gostat may have open",
        |page, points| points.put(page.agent.open_files_limit),
    ),
    Exported::of_agent(Gauge, "gostat_agent_targets", "Targets by what is done with them", |page, points| {
        for (state, count) in &page.agent.targets {
            points.put_labelled(&[state], *count);
        }
    })
    .labelled(&["state"]),
    Exported::of_agent(Gauge, "gostat_agent_history_bytes", "History kept on disk", |page, points| {
        points.put(page.agent.history_bytes);
    }),
    Exported::of_agent(
        Gauge,
        "gostat_agent_history_limit_bytes",
        "History that may be kept on disk",
        |page, points| points.put(page.agent.history_limit_bytes),
    ),
    Exported::of_agent(
        Counter,
        "gostat_agent_history_looks_total",
        "Looks for the history by outcome: written, or left out as nothing could be written for long",
        |page, points| {
            for (outcome, count) in &page.agent.history_looks {
                points.put_labelled(&[outcome], *count);
            }
        },
    )
    .labelled(&["outcome"]),
    Exported::of_agent(
        Counter,
        "gostat_agent_history_refused_total",
        "Entries that the history did not take and never would",
        |page, points| points.put(page.agent.history_refused),
    ),
    Exported::of_agent(Gauge, "gostat_agent_queue_length", "Entries that wait in a queue", |page, points| {
        for (queue, entries) in page.queues() {
            points.put_labelled(&[queue], entries.length);
        }
    })
    .labelled(&["queue"]),
    Exported::of_agent(
        Gauge,
        "gostat_agent_queue_capacity",
        "Entries that a queue has place for",
        |page, points| {
            for (queue, entries) in page.queues() {
                points.put_labelled(&[queue], entries.capacity);
            }
        },
    )
    .labelled(&["queue"]),
    Exported::of_agent(
        Counter,
        "gostat_agent_notifications_total",
        "Notifications by sink and outcome",
        |page, points| {
            for ((sink, outcome), count) in page.notifications() {
                points.put_labelled(&[sink, outcome], *count);
            }
        },
    )
    .labelled(&["sink", "outcome"]),
    Exported::of_agent(
        Gauge,
        "gostat_exposition_series",
        "Series of targets in this exposition",
        |page, points| points.put(page.series),
    ),
    Exported::of_agent(
        Gauge,
        "gostat_exposition_limit_series",
        "Series of targets that there may be",
        |page, points| points.put(page.series_max),
    ),
    Exported::of_agent(
        Gauge,
        "gostat_exposition_left_out_targets",
        "Targets that are not in this exposition, because there are too many series or another one has the same labels",
        |page, points| points.put(page.left_out_targets),
    ),
];
