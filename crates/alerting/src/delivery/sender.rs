//! One try: credentials as they are now, the request made for now, and what the answer means.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::alert::Notice;
use crate::delivery::credentials::Credentials;
use crate::delivery::post::Poster;
use crate::delivery::verdict::{Outcome, verdict};
use crate::error::AlertingError;
use crate::payload::{Envelope, Payload, payload, refresh};
use crate::settings::SinkSettings;

/// Alertmanager believes that something fires for so many times the interval in which it is told again, as Prometheus
/// has it.
const BELIEVED_INTERVALS: u64 = 4;
/// If it is not told again at all, it believes a firing for a day, seconds.
const BELIEVED_WITHOUT_REPEATS_S: u64 = 86_400;

/// Milliseconds since 1970.
pub(super) fn now_unix_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Sends messages of one sink.
pub(super) struct Sender {
    pub(super) settings: SinkSettings,
    poster: Poster,
}

impl Sender {
    /// Fails at once if the credentials cannot be read: better at the start than at the first alert.
    pub(super) fn new(settings: &SinkSettings) -> Result<Sender, AlertingError> {
        Credentials::read(settings)?;
        Ok(Sender { settings: settings.clone(), poster: Poster::new(settings)? })
    }

    /// One try of one message.
    pub(super) fn send(&self, notice: &Notice) -> Outcome {
        self.post(|envelope| payload(self.settings.sink_type, notice, envelope))
    }

    /// One try of many alerts that still fire, for Alertmanager.
    pub(super) fn send_refresh(&self, notices: &[Notice]) -> Outcome {
        self.post(|envelope| refresh(notices, envelope))
    }

    fn post(&self, make: impl FnOnce(&Envelope<'_>) -> Payload) -> Outcome {
        let credentials = match Credentials::read(&self.settings) {
            Ok(credentials) => credentials,
            Err(error) => return Outcome::Wait { at_least: None, error: error.to_string() },
        };
        let now = now_unix_ms();
        let believed_s = self
            .settings
            .repeat()
            .map_or(BELIEVED_WITHOUT_REPEATS_S, |every_s| every_s.saturating_mul(BELIEVED_INTERVALS));
        let payload = make(&Envelope {
            sent_at_unix_ms: now,
            believed_until_unix_ms: now.saturating_add(believed_s.saturating_mul(1_000)),
            secret: credentials.secret.as_deref(),
            labels: &self.settings.labels,
        });
        match self.poster.post(&credentials, &payload) {
            Ok(answer) => verdict(self.settings.sink_type, &answer),
            Err(error) => Outcome::Wait { at_least: None, error },
        }
    }
}
