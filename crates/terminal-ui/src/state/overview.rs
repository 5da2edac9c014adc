//! The table of all processes: what it shows, in which order.

use std::cmp::Ordering;
use std::sync::Arc;

use super::cursor::{Cursor, Rows};
use crate::fleet::{Fleet, FleetProcess};
use crate::query::{Order, ProcessColumn};

/// All processes, as they are shown.
#[derive(Debug)]
pub struct Overview {
    /// What there is; none before the first look.
    pub fleet: Option<Arc<Fleet>>,
    /// The order of the table.
    pub order: Order<ProcessColumn>,
    /// What names and modules must contain.
    pub filter: Option<String>,
    /// Indexes of processes, in order.
    pub rows: Vec<usize>,
    /// Which is selected.
    pub cursor: Cursor<u32>,
}

impl Default for Overview {
    fn default() -> Self {
        Overview {
            fleet: None,
            order: Order::by(ProcessColumn::Goroutines),
            filter: None,
            rows: Vec::new(),
            cursor: Cursor::default(),
        }
    }
}

impl Overview {
    /// The process in a row.
    pub fn process(&self, row: usize) -> Option<&FleetProcess> {
        self.fleet.as_ref()?.processes.get(*self.rows.get(row)?)
    }

    /// Filters and sorts, and finds what was selected.
    pub(crate) fn arrange(&mut self, page: usize) {
        let Some(fleet) = &self.fleet else { return };
        let wanted = self.filter.as_ref().map(|filter| filter.to_lowercase());
        let is_wanted = |process: &FleetProcess| {
            let module = process.inside.as_ref().map_or("", |inside| &inside.module);
            let text = format!("{} {} {module}", process.pid, process.name).to_lowercase();
            wanted.as_ref().is_none_or(|wanted| text.contains(wanted))
        };
        let order = self.order;
        let mut rows: Vec<(usize, &FleetProcess)> =
            fleet.processes.iter().enumerate().filter(|(_, process)| is_wanted(process)).collect();
        rows.sort_by(|(_, a), (_, b)| {
            let compared =
                if order.falling { compare(b, a, order.column) } else { compare(a, b, order.column) };
            // Those of which nothing is known are last, in any order.
            a.inside.is_err().cmp(&b.inside.is_err()).then(compared).then_with(|| a.pid.cmp(&b.pid))
        });
        self.rows = rows.into_iter().map(|(index, _)| index).collect();
        let mut cursor = self.cursor;
        cursor.follow(self, page);
        self.cursor = cursor;
    }

    pub(crate) fn go(&mut self, index: usize, page: usize) {
        let mut cursor = self.cursor;
        cursor.go(index, self, page);
        self.cursor = cursor;
    }
}

impl Rows<u32> for Overview {
    fn len(&self) -> usize {
        self.rows.len()
    }

    fn key(&self, index: usize) -> Option<u32> {
        self.process(index).map(|process| process.pid)
    }
}

fn compare(a: &FleetProcess, b: &FleetProcess, column: ProcessColumn) -> Ordering {
    let release = |process: &FleetProcess| {
        let version = process.inside.as_ref().map(|inside| inside.go_version.clone()).unwrap_or_default();
        let numbers: Vec<u32> =
            version.split(|c: char| !c.is_ascii_digit()).filter_map(|part| part.parse().ok()).collect();
        numbers
    };
    match column {
        ProcessColumn::Pid => a.pid.cmp(&b.pid),
        ProcessColumn::Goroutines => a.goroutines().cmp(&b.goroutines()),
        ProcessColumn::Change => a.change().cmp(&b.change()),
        ProcessColumn::Running => a.running().cmp(&b.running()),
        ProcessColumn::Uptime => a.uptime_ms.cmp(&b.uptime_ms),
        ProcessColumn::Release => release(a).cmp(&release(b)),
        ProcessColumn::Name => a.name.cmp(&b.name),
    }
}
