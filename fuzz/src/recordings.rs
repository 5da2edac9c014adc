//! Recordings, which come from files: what is read can be used by every output, and is read again once written.

use std::io::{Cursor, sink};

use recording::{Moment, Recording, encode, header};

/// Any bytes are a recording, or are refused; what is stored in one is taken as it is, too, since no mutation finds a
/// right checksum.
pub fn check(bytes: &[u8]) {
    if let Ok(recording) = Recording::open(Cursor::new(bytes)) {
        play(recording);
    }
    if let Some(file) = recording::with_stored(bytes) {
        let recording = Recording::open(Cursor::new(file.as_slice()));
        play(recording.unwrap_or_else(|error| panic!("our own header: {error}")));
    }
}

fn play(mut recording: Recording<Cursor<&[u8]>>) {
    if let Some(damage) = recording.damage() {
        assert!(damage.lost_bytes > 0);
    }
    for index in 0..recording.moments().len() {
        let Ok(moment) = recording.moment(index) else { continue };
        show(&moment);
        let again = [header().to_vec(), encode(&moment).unwrap_or_default()].concat();
        let again = Recording::open(Cursor::new(&again)).and_then(|mut again| Ok(again.moment(0)));
        assert!(matches!(again, Ok(Ok(again)) if again == moment));
    }
}

/// What the commands do with a moment.
fn show(moment: &Moment) {
    let snapshot = &moment.snapshot;
    let meanings = analysis::Meanings::new(analysis::Rules::built_in(), snapshot);
    let groups = analysis::group(&meanings, &snapshot.goroutines);
    let _ = analysis::count(&snapshot.census(&snapshot.goroutines));
    let form = goroutine_dump::WriteOptions { labels: true, no_runtime: false };
    let _ = goroutine_dump::write(snapshot, &snapshot.goroutines, &form, &mut sink());
    let _ = analysis::Population::of(snapshot);
    if let Some(heap) = &moment.heap {
        let graph = analysis::blocking::BlockingGraph::new(snapshot, &heap.blocking.references);
        let _ = graph.merged(&graph.deadlocks());
    }
    assert!(groups.len() <= snapshot.goroutines.len());
}
