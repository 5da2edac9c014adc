//! What every engine must do, and that the embedded one does.
//!
//! Another engine has its own `Engine` and one more line `behaviours!`; nothing else here may change for it.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::cast_possible_truncation,
    reason = "a test fails by panicking, and its numbers are small"
)]

#[path = "../load/mod.rs"]
mod load;
mod naive;
mod model;
mod moments;
mod ranges;
mod life;
mod keeping;

use std::path::PathBuf;

use history_store::{HistoryStore, Limits, SqliteStore};

/// What is tested: an engine with a place for one history, which is empty at first.
pub(crate) trait Engine {
    /// A new place.
    fn new() -> Self;
    /// Opens the history in it.
    fn open(&self) -> Box<dyn HistoryStore>;
}

struct Sqlite(tempfile::TempDir);

impl Sqlite {
    fn path(&self) -> PathBuf {
        self.0.path().join("history.db")
    }
}

impl Engine for Sqlite {
    fn new() -> Sqlite {
        Sqlite(tempfile::tempdir().unwrap())
    }

    fn open(&self) -> Box<dyn HistoryStore> {
        Box::new(SqliteStore::open(&self.path(), Limits::default()).unwrap())
    }
}

/// All behaviours, each a test of an engine.
macro_rules! behaviours {
    ($engine:ident, $name:ident: $($module:ident::$behaviour:ident,)*) => {
        mod $name {
            $(#[test] fn $behaviour() { super::$module::$behaviour::<super::$engine>(); })*
        }
    };
}

behaviours! { Sqlite, sqlite:
    moments::what_was_written_is_there,
    moments::a_moment_is_the_last_tick_not_after_it,
    moments::a_clock_set_back_loses_nothing,
    moments::statuses_only_say_nothing_of_stacks,
    moments::what_is_beyond_the_limit_is_summed,
    moments::an_opened_history_goes_on,
    ranges::a_slot_without_ticks_is_a_gap_and_one_without_goroutines_is_not,
    ranges::small_series_are_the_rest,
    ranges::processes_with_the_same_tags_are_added_up,
    ranges::measures_that_are_missing_are_not_zero,
    ranges::questions_that_ask_for_too_much_are_refused,
    life::processes_have_a_life,
    life::who_executes_another_program_is_another_process,
    life::every_ending_is_kept_until_the_process_is_described_again,
    life::findings_have_a_life,
    life::marks_are_in_order_of_time,
    life::a_batch_is_written_whole_or_not_at_all,
    keeping::ticks_are_removed_by_age_and_minutes_stay,
    keeping::the_size_stays_within_its_limit,
    keeping::a_week_of_ticks_is_small_and_is_kept_as_long_as_it_should_be,
    keeping::what_fires_is_never_removed,
    keeping::a_clock_that_jumps_ahead_does_not_remove_everything,
    keeping::stacks_that_nothing_refers_to_are_removed,
    model::answers_are_those_of_a_naive_store,
    model::a_day_of_a_busy_service_is_that_of_a_naive_store,
}
