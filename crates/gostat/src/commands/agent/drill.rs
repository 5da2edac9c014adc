//! Sending a test alert, to see whether alerts arrive.

use std::path::Path;
use std::process::ExitCode;

use alerting::drill;
use anyhow::Result;
use report::{Align, Table};

use super::configuration;
use crate::output::deliver;

/// A receiver did not take it.
const EXIT_REFUSED: u8 = 1;

/// Sends a test alert and its end through one receiver of a configuration, or all of them.
pub(super) fn run(config: Option<&Path>, sink: Option<&str>) -> Result<ExitCode> {
    let reports = drill(&configuration(config)?.alerts, sink)?;
    let mut table = Table::new(&[
        ("SINK", Align::Left),
        ("TYPE", Align::Left),
        ("TOOK", Align::Right),
        ("OUTCOME", Align::Left),
    ]);
    for report in &reports {
        table.row([
            report.sink.clone(),
            format!("{:?}", report.sink_type).to_lowercase(),
            format!("{} ms", report.took.as_millis()),
            report.error.clone().unwrap_or_else(|| "arrived".to_owned()),
        ]);
    }
    deliver(None, |mut out| table.write(&mut out))?;
    let refused = reports.iter().any(|report| report.error.is_some());
    Ok(if refused { ExitCode::from(EXIT_REFUSED) } else { ExitCode::SUCCESS })
}
