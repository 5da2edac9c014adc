//! What frames come to.

use std::collections::BTreeMap;

use crate::error::FrameError;
use crate::head::{CohortEntry, FrameEntry, Head};
use crate::row::Row;
use crate::wire;

/// Places that a list may have: what a runtime with so many goroutines would need hundreds of gigabytes for.
const PLACES_MAX: u32 = 1 << 27;

/// All goroutines as the frames so far say. This is the reading side; the page has its own, which is tested against
/// this one.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Picture {
    /// The head of the last frame, without cohorts and places in code.
    pub head: Head,
    /// Rows by place.
    pub rows: Vec<Row>,
    /// Cohorts by number.
    pub cohorts: BTreeMap<u32, CohortEntry>,
    /// Places in code by number.
    pub frames: BTreeMap<u32, FrameEntry>,
}

impl Picture {
    /// Brings it up to date.
    ///
    /// # Errors
    /// When the frame is damaged, or does not follow what was applied before. Then nothing has changed.
    pub fn apply(&mut self, frame: &[u8]) -> Result<(), FrameError> {
        let wire::Received { mut head, is_everything, rows } = wire::read(frame)?;
        let applied = self.head.number;
        if !is_everything && head.number != applied.wrapping_add(1) {
            return Err(FrameError::Order { before: head.number.wrapping_sub(1), applied });
        }
        let cohorts = std::mem::take(&mut head.cohorts);
        let is_described = |number: u32| {
            number == 0
                || cohorts.iter().any(|entry| entry.cohort == number)
                || (!is_everything && self.cohorts.contains_key(&number))
        };
        let unknown = |what, number: u32| FrameError::Unknown { what, number: number.into() };
        if head.places > PLACES_MAX {
            return Err(unknown("a list of", head.places));
        }
        if let Some((place, _)) = rows.iter().find(|(place, _)| *place >= head.places) {
            return Err(unknown("place", *place));
        }
        let mut numbers: Vec<u32> = rows.iter().map(|(_, row)| row.cohort).collect();
        numbers.sort_unstable();
        numbers.dedup();
        if let Some(number) = numbers.into_iter().find(|number| !is_described(*number)) {
            return Err(unknown("cohort", number));
        }
        if is_everything {
            *self = Picture::default();
        }
        self.cohorts.extend(cohorts.into_iter().map(|entry| (entry.cohort, entry)));
        self.frames.extend(std::mem::take(&mut head.frames).into_iter().map(|entry| (entry.frame, entry)));
        self.rows.resize(head.places as usize, Row::EMPTY);
        for (place, row) in rows {
            if let Some(known) = self.rows.get_mut(place as usize) {
                *known = row;
            }
        }
        self.head = head;
        Ok(())
    }
}
