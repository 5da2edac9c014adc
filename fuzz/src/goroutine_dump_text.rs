//! Goroutine dumps: text from any program, or from none.

/// Nothing is made up: there are no more goroutines, frames and labels than the text has lines and bytes.
pub fn check(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (goroutines, problems) = goroutine_dump::parse(&text);
    let lines = text.lines().count();
    let frames: usize = goroutines.iter().map(|goroutine| goroutine.frames.len()).sum();
    assert!(goroutines.len() <= lines && frames <= lines && problems.len() <= lines + 1);
    assert!(problems.iter().all(|problem| (1..=lines).contains(&problem.line)));
    for frame in goroutines.iter().flat_map(|goroutine| &goroutine.frames) {
        assert!(frame.function.len() + frame.args.len() + frame.file.len() <= text.len());
    }
}
