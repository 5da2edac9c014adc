//! Letting the page in: whoever shows the token once gets a cookie that stands for it.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Deserialize;

use super::Shared;
use crate::answer::Refusal;
use crate::parameters::Body;

/// What lets one in.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Login")]
pub(super) struct Login {
    /// The token in the file that http.token_file names.
    token: String,
}

pub(super) async fn begin(
    State(shared): State<Shared>,
    Body(login): Body<Login>,
) -> Result<Response, Refusal> {
    let access = shared.doorkeeper.now();
    if !access.knows(&login.token) {
        return Err(Refusal::unauthorized());
    }
    let cookie = shared.doorkeeper.sessions().begin(access.tls().is_some());
    let cookie = cookie.ok_or_else(|| {
        Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "the system has no random numbers", None)
    })?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response())
}

pub(super) async fn end(State(shared): State<Shared>, headers: HeaderMap) -> Response {
    let access = shared.doorkeeper.now();
    let cookie = shared.doorkeeper.sessions().end(&headers, access.tls().is_some());
    (StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response()
}
