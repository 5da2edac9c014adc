//! What happens, as a stream of server-sent events.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde::Deserialize;
use tokio::sync::{OwnedSemaphorePermit, watch};

use super::Shared;
use crate::answer::Refusal;
use crate::feed::{Feed, Listener, News};
use crate::parameters::Query;

/// While nothing happens a comment is sent so often: proxies end connections that are silent.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// A listener that was cut off should come back in this time.
const RETRY: Duration = Duration::from_secs(2);

#[derive(Debug, Deserialize)]
pub(super) struct Parameters {
    target: Option<String>,
}

pub(super) async fn listen(
    State(shared): State<Shared>,
    Query(parameters): Query<Parameters>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let Ok(turn) = Arc::clone(&shared.listeners).try_acquire_owned() else {
        return Err(Refusal::busy());
    };
    let last_id = headers.get("last-event-id").map(|id| id.to_str().unwrap_or_default());
    // Who comes back may ask for a target that has ended since: its end is what is to be told.
    if let (Some(id), None) = (parameters.target.clone(), last_id) {
        shared.ask(move |backend| backend.target(&id)).await?;
    }
    let feed = Arc::clone(shared.backend.feed());
    let news = feed.news();
    let listener = feed.listen(parameters.target, last_id).map_err(|_| {
        let error = "Last-Event-ID is the id of no event of this agent";
        Refusal::new(StatusCode::BAD_REQUEST, error, Some("leave it out: what happens from now on is told"))
    })?;
    let mut first = VecDeque::from([Event::default().comment("gostat").retry(RETRY)]);
    if listener.restarted {
        first.extend(lost(&feed, &listener, None));
    }
    let stream = stream::unfold(Stream { feed, listener, news, first, _turn: turn }, next);
    let mut answer = Sse::new(stream).keep_alive(KeepAlive::new().interval(HEARTBEAT)).into_response();
    // nginx collects answers otherwise.
    answer.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(answer)
}

struct Stream {
    feed: Arc<Feed>,
    listener: Listener,
    news: watch::Receiver<()>,
    /// What is sent before all else.
    first: VecDeque<Event>,
    _turn: OwnedSemaphorePermit,
}

async fn next(mut stream: Stream) -> Option<(Result<Event, Infallible>, Stream)> {
    if let Some(event) = stream.first.pop_front() {
        return Some((Ok(event), stream));
    }
    loop {
        // Before it is looked: what comes in between is news.
        stream.news.mark_unchanged();
        let event = match stream.feed.read(&mut stream.listener) {
            News::Event(event) => Some(
                Event::default().event(event.name).id(stream.feed.id(event.number)).data(event.data.as_str()),
            ),
            News::Lost(missed) => lost(&stream.feed, &stream.listener, Some(missed)),
            News::End => return None,
            News::Nothing => {
                stream.news.changed().await.ok()?;
                None
            }
        };
        if let Some(event) = event {
            return Some((Ok(event), stream));
        }
    }
}

fn lost(feed: &Feed, listener: &Listener, missed: Option<u64>) -> Option<Event> {
    let data = serde_json::to_string(&listener.lost(missed)).ok()?;
    Some(Event::default().event("lost").id(feed.id(listener.seen())).data(data))
}
