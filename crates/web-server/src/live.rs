//! Frames of a target to those who watch it, none of whom makes the others wait.

use axum::body::Bytes;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// Frames that wait for a viewer who is slow. One more, and the next that fits is one with everything in it.
const FRAMES_WAIT_MAX: usize = 2;

/// What a viewer is told.
#[derive(Debug)]
pub(crate) enum LiveMessage {
    Frame(Bytes),
    /// There will be no more, and why.
    End(String),
}

/// The end of a connection that frames are put in.
#[derive(Debug)]
pub struct LiveViewer {
    frames: Sender<LiveMessage>,
    /// Whether it has had all frames so far.
    follows: bool,
}

/// The end that they are taken from.
#[derive(Debug)]
pub struct LiveFrames(Receiver<LiveMessage>);

/// A connection to a new viewer.
pub fn live_viewer() -> (LiveViewer, LiveFrames) {
    let (frames, received) = channel(FRAMES_WAIT_MAX);
    (LiveViewer { frames, follows: false }, LiveFrames(received))
}

impl LiveViewer {
    /// Sends `frame`, or `everything` to a viewer who has missed something or has just come. Whether the viewer is still
    /// there. Does not wait: who has not taken what was sent before misses this one.
    pub fn send(&mut self, frame: Option<&Bytes>, everything: impl FnOnce() -> Option<Bytes>) -> bool {
        if self.frames.capacity() == 0 {
            self.follows = false;
            return !self.frames.is_closed();
        }
        let frame = if self.follows { frame.cloned() } else { everything() };
        let Some(frame) = frame else { return true };
        match self.frames.try_send(LiveMessage::Frame(frame)) {
            Ok(()) => self.follows = true,
            Err(TrySendError::Full(_)) => self.follows = false,
            Err(TrySendError::Closed(_)) => return false,
        }
        true
    }

    /// Whether the viewer has gone.
    pub fn is_gone(&self) -> bool {
        self.frames.is_closed()
    }

    /// Says that there will be no more.
    pub fn end(self, why: &str) {
        // Who is slow learns it from the connection's end.
        let _ = self.frames.try_send(LiveMessage::End(why.to_owned()));
    }
}

impl LiveFrames {
    /// The next message; `None` at the end.
    pub(crate) async fn next(&mut self) -> Option<LiveMessage> {
        self.0.recv().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a viewer has got by now.
    fn taken(frames: &mut LiveFrames) -> Vec<Bytes> {
        let next = || match frames.0.try_recv() {
            Ok(LiveMessage::Frame(frame)) => Some(frame),
            _ => None,
        };
        std::iter::from_fn(next).collect()
    }

    #[test]
    fn whoever_misses_a_frame_gets_everything_next() {
        let (mut viewer, mut frames) = live_viewer();
        let mut send =
            |number: &'static str| viewer.send(Some(&Bytes::from(number)), || Some(Bytes::from("all")));
        assert!(["1", "2", "3", "4"].into_iter().all(&mut send));
        assert_eq!(taken(&mut frames), ["all", "2"]);
        assert!(send("5") && send("6"));
        assert_eq!(taken(&mut frames), ["all", "6"]);
        drop(frames);
        assert!(!send("7"));
    }
}
