//! What can be asked of routes: the parameters of their queries.

use crate::parameters::{Form as Value, Parameter};

pub(super) const PROFILE_PARAMETERS: &[Parameter] = &[
    Parameter {
        name: "debug",
        about: "0: for go tool pprof; 1: equal stacks counted, as text; 2: each goroutine, as a Go traceback.",
        required: false,
        form: Value::NumberTo(255),
    },
    Parameter {
        name: "seconds",
        about: "Differences of two profiles are not served: refused rather than passed over.",
        required: false,
        form: Value::Text,
    },
];

const fn text(name: &'static str, about: &'static str) -> Parameter {
    Parameter { name, about, required: false, form: Value::Text }
}

const SINCE: Parameter =
    text("since", "From when: a duration before now (15m, 7d), or a time (2026-05-17T12:30:00Z, @SECONDS).");
const UNTIL: Parameter = text("until", "Until when, likewise.");

pub(super) const FINDING_PARAMETERS: &[Parameter] = &[
    text(
        "since",
        "Also findings that are over, of the time from then on: a duration before now (15m, 7d), or a time \
         (2026-05-17T12:30:00Z, @SECONDS; @0 for all).",
    ),
    UNTIL,
];

pub(super) const MARK_PARAMETERS: &[Parameter] = &[
    text(
        "target",
        "Only what happened to this process or service, as of /api/v1/history, or to the whole machine.",
    ),
    SINCE,
    UNTIL,
];

pub(super) const HISTORY_PARAMETERS: &[Parameter] = &[
    Parameter {
        name: "target",
        about: "Id, pid, process name, module or service name.",
        required: true,
        form: Value::Text,
    },
    SINCE,
    UNTIL,
    text("by", "What to tell apart: total, state, reason, stack or label:KEY."),
    text("step", "How wide a slot is: a duration."),
    text("top", "How many series to tell apart; the others are added up."),
];

pub(super) const TICK_PARAMETERS: &[Parameter] =
    &[text("target", "Only what is about the target with this id.")];
