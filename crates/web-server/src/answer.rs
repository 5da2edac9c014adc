//! Answers that say no, and why: JSON with `error` and `hint`.

use std::fmt;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;

use crate::backend::AskError;

/// A no.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    body: RefusalJson,
}

/// Why a request was refused.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Refusal")]
pub(crate) struct RefusalJson {
    /// What is wrong.
    error: String,
    /// What may help.
    hint: Option<String>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.body.error)?;
        self.body.hint.iter().try_for_each(|hint| write!(f, "; {hint}"))
    }
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, error: impl ToString, hint: Option<&str>) -> Self {
        let body = RefusalJson { error: error.to_string(), hint: hint.map(str::to_owned) };
        Refusal { status, body }
    }

    pub(crate) fn unauthorized() -> Self {
        Refusal::new(
            StatusCode::UNAUTHORIZED,
            "a token is needed",
            Some("send the header Authorization: Bearer TOKEN"),
        )
    }

    pub(crate) fn forbidden(error: &str) -> Self {
        Refusal::new(StatusCode::FORBIDDEN, error, None)
    }

    pub(crate) fn wrong_method() -> Self {
        Refusal::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "this cannot be done there",
            Some("the header Allow says what can; GET /api/v1/openapi.json has everything"),
        )
    }

    pub(crate) fn busy() -> Self {
        Refusal::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "others are being answered",
            Some("try again in a second"),
        )
    }
}

impl From<AskError> for Refusal {
    fn from(error: AskError) -> Self {
        match &error {
            AskError::UnknownTarget { .. } => {
                Refusal::new(StatusCode::NOT_FOUND, &error, Some("GET /api/v1/targets lists them"))
            }
            AskError::Question { hint, .. } => Refusal::new(StatusCode::BAD_REQUEST, &error, hint.as_deref()),
            AskError::NothingKnown { hint, .. } => {
                Refusal::new(StatusCode::NOT_FOUND, &error, hint.as_deref())
            }
            AskError::Unreadable { hint, .. } => Refusal::new(StatusCode::CONFLICT, &error, hint.as_deref()),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = self.status;
        let mut response = (status, Json(self.body)).into_response();
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}
