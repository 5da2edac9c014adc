//! Filter expressions, which a user types and the web will send.

use std::sync::OnceLock;

use analysis::{Filter, Meanings, Rules};
use snapshot::Snapshot;
use synthetic_process::layout;

use crate::busy_process::busy;
use crate::process_damage::{open, target};

/// A filter that parses selects some of the goroutines; one that does not says where, in its own text.
pub fn check(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match Filter::parse(text) {
        Ok(filter) => {
            let snapshot = snapshot();
            let meanings = Meanings::new(Rules::built_in(), snapshot);
            let selected = filter.select(&meanings).len();
            assert_eq!(selected, snapshot.goroutines.iter().filter(|g| filter.matches(&meanings, g)).count());
        }
        Err(error) => {
            assert!(text.is_char_boundary(error.position), "position {} in {text:?}", error.position);
            _ = (error.to_string(), error.hint());
        }
    }
}

fn snapshot() -> &'static Snapshot {
    static SNAPSHOT: OnceLock<Snapshot> = OnceLock::new();
    SNAPSHOT.get_or_init(|| {
        let process = busy(&layout::GO_1_27, 3).process;
        let mut runtime = open(&process.executable, &process.memory).expect("an undamaged process");
        runtime
            .snapshot(&process.memory, &target(), &Default::default(), crate::process_damage::MOMENT, None)
            .expect("an undamaged process")
    })
}
