//! Browsers that have shown the token once: the page keeps no secret, and none is in an address.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, header};
use ring::rand::{SecureRandom, SystemRandom};

const COOKIE: &str = "gostat_session";
/// A day's work.
const LASTS: Duration = Duration::from_secs(12 * 3600);
/// The oldest of more go.
const SESSIONS_MAX: usize = 256;
const ID_BYTES: usize = 32;

/// Sessions that have been begun.
#[derive(Clone, Default)]
pub(crate) struct Sessions(Arc<Mutex<BTreeMap<String, Instant>>>);

impl Sessions {
    /// Begins one: the value of `Set-Cookie`. `None` if the system has no random numbers.
    pub(crate) fn begin(&self, is_encrypted: bool) -> Option<String> {
        let mut bytes = [0; ID_BYTES];
        SystemRandom::new().fill(&mut bytes).ok()?;
        let id = bytes.iter().fold(String::new(), |mut id, byte| {
            let _ = write!(id, "{byte:02x}");
            id
        });
        let mut sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.retain(|_, begun| begun.elapsed() < LASTS);
        if sessions.len() >= SESSIONS_MAX {
            let oldest = sessions.iter().min_by_key(|(_, begun)| **begun).map(|(id, _)| id.clone());
            oldest.map(|oldest| sessions.remove(&oldest));
        }
        sessions.insert(id.clone(), Instant::now());
        Some(cookie(&id, LASTS.as_secs(), is_encrypted))
    }

    /// Ends all of them.
    pub(crate) fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Whether a request is of a session.
    pub(crate) fn admits(&self, headers: &HeaderMap) -> bool {
        let sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        ids(headers).any(|id| sessions.get(id).is_some_and(|begun| begun.elapsed() < LASTS))
    }

    /// Ends the session of a request: the value of `Set-Cookie` that has the browser forget it.
    pub(crate) fn end(&self, headers: &HeaderMap, is_encrypted: bool) -> String {
        let mut sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        ids(headers).for_each(|id| _ = sessions.remove(id));
        cookie("", 0, is_encrypted)
    }
}

/// Scripts cannot read it, and pages of other sites do not make browsers send it.
fn cookie(id: &str, seconds: u64, is_encrypted: bool) -> String {
    let secure = if is_encrypted { "; Secure" } else { "" };
    format!("{COOKIE}={id}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}")
}

fn ids(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let cookies = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(|(name, _)| *name == COOKIE).map(|(_, id)| id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn request(cookie: &str) -> HeaderMap {
        let pair = cookie.split(';').next().unwrap();
        let value = format!("other=1; {pair}; more=2");
        HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_str(&value).unwrap())])
    }

    #[test]
    fn a_session_lasts_until_it_is_ended() {
        let sessions = Sessions::default();
        let cookie = sessions.begin(true).unwrap();
        assert!(cookie.contains("; HttpOnly; SameSite=Strict") && cookie.ends_with("; Secure"), "{cookie}");
        assert!(sessions.admits(&request(&cookie)));
        assert!(!sessions.admits(&HeaderMap::new()) && !sessions.admits(&request("gostat_session=")));
        assert!(sessions.end(&request(&cookie), false).contains("Max-Age=0"));
        assert!(!sessions.admits(&request(&cookie)));
    }

    #[test]
    fn the_oldest_make_room() {
        let sessions = Sessions::default();
        let first = sessions.begin(false).unwrap();
        let all: Vec<String> = (0..SESSIONS_MAX).filter_map(|_| sessions.begin(false)).collect();
        assert!(!sessions.admits(&request(&first)));
        assert!(all.iter().all(|cookie| sessions.admits(&request(cookie))));
    }
}
