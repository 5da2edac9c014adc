//! A real terminal: a window of tmux that nobody looks at.

use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// Machines may be busy; what takes longer never comes.
const PATIENCE: Duration = Duration::from_secs(180);

/// A window of a tmux server of our own. Both end when this is dropped.
pub(crate) struct Tmux {
    server: String,
}

impl Drop for Tmux {
    fn drop(&mut self) {
        let _ = self.command(&["kill-server"]);
    }
}

impl Tmux {
    /// A window in which a shell runs these commands, and then waits. `None`, said aloud, where there is no tmux.
    pub(crate) fn run(script: &str, width: u16, height: u16) -> Option<Tmux> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        if Command::new("tmux").arg("-V").output().is_err() {
            eprintln!("SKIPPED: there is no tmux\nhint: scripts/bootstrap test");
            return None;
        }
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let window = Tmux { server: format!("gostat-test-{}-{number}", std::process::id()) };
        let (width, height) = (width.to_string(), height.to_string());
        let script = format!("{script}; exec cat");
        let output = window.command(&[
            "-f",
            "/dev/null",
            "-u",
            "new-session",
            "-d",
            "-x",
            &width,
            "-y",
            &height,
            &script,
        ]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Some(window)
    }

    /// What the window shows.
    pub(crate) fn screen(&self) -> String {
        let output = self.command(&["capture-pane", "-p"]);
        String::from_utf8(output.stdout).unwrap()
    }

    /// Waits until the window shows a text.
    pub(crate) fn wait_for(&self, text: &str) -> String {
        self.wait_until(text, |screen| screen.contains(text))
    }

    /// Waits until the window shows what it must.
    pub(crate) fn wait_until(&self, what: &str, holds: impl Fn(&str) -> bool) -> String {
        let began = Instant::now();
        loop {
            let screen = self.screen();
            if holds(&screen) {
                return screen;
            }
            assert!(began.elapsed() < PATIENCE, "never seen: {what}\n{screen}");
        }
    }

    /// Presses keys, by the names that tmux has for them.
    pub(crate) fn press(&self, keys: &[&str]) {
        let output = self.command(&[&["send-keys"], keys].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// Types a text as it is.
    pub(crate) fn type_in(&self, text: &str) {
        self.press(&["-l", text]);
    }

    fn command(&self, arguments: &[&str]) -> Output {
        Command::new("tmux")
            .args(["-L", &self.server])
            .args(arguments)
            .env("LC_ALL", "C.UTF-8")
            .env_remove("TMUX")
            .output()
            .unwrap()
    }
}
