//! Every goroutine of a target at every tick, over a WebSocket: what `live-frames` describes.

use std::time::Duration;

use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::Shared;
use crate::answer::Refusal;
use crate::live::{LiveFrames, LiveMessage};
use crate::parameters::Path;

/// A viewer who does not take a frame in this time is gone.
const TAKEN_IN: Duration = Duration::from_secs(30);
/// Viewers have nothing to say.
const MESSAGE_BYTES_MAX: usize = 1 << 10;
/// The longest reason that a closing message may have, by RFC 6455.
const REASON_BYTES_MAX: usize = 123;

/// A plain request is refused as well, and for the same reasons first: browsers do not tell a page why its WebSocket was
/// refused, so it asks again without one.
pub(super) async fn frames(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Refusal> {
    let Ok(upgrade) = upgrade else {
        shared.ask(move |backend| backend.may_watch(&id)).await?;
        return Ok(only_upgraded());
    };
    let frames = shared.ask(move |backend| backend.live(&id)).await?;
    let upgrade = upgrade.max_message_size(MESSAGE_BYTES_MAX).max_frame_size(MESSAGE_BYTES_MAX);
    Ok(upgrade.on_upgrade(|socket| serve(socket, frames)))
}

/// RFC 9110 wants to be told what to upgrade to.
fn only_upgraded() -> Response {
    let error = "this is to be listened to over a WebSocket";
    let refusal = Refusal::new(StatusCode::UPGRADE_REQUIRED, error, Some("send Upgrade: websocket"));
    ([(header::UPGRADE, "websocket"), (header::CONNECTION, "upgrade")], refusal).into_response()
}

async fn serve(mut socket: WebSocket, mut frames: LiveFrames) {
    loop {
        let message = tokio::select! {
            message = frames.next() => message,
            // Whatever is said is answered by the library, if at all; an error, or an end, is the end.
            said = socket.recv() => match said {
                Some(Ok(_)) => continue,
                Some(Err(_)) | None => return,
            },
        };
        let (message, is_last) = match message {
            Some(LiveMessage::Frame(frame)) => (Message::Binary(frame), false),
            Some(LiveMessage::End(why)) => (closing(&why), true),
            None => (closing("the agent has ended"), true),
        };
        let sent = tokio::time::timeout(TAKEN_IN, socket.send(message)).await;
        if is_last || !matches!(sent, Ok(Ok(()))) {
            return;
        }
    }
}

fn closing(why: &str) -> Message {
    let end = why.floor_char_boundary(REASON_BYTES_MAX);
    let reason = why.get(..end).unwrap_or_default().to_owned();
    Message::Close(Some(CloseFrame { code: close_code::NORMAL, reason: reason.into() }))
}
