//! The page, and what keeps it from doing anything but show this agent.

use std::io::Read;

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use flate2::read::GzDecoder;
use web_page::Asset;

use super::Shared;
use crate::answer::Refusal;

/// Where it is served.
pub(crate) const PREFIX: &str = "/ui/";

/// Scripts, styles, pictures and requests of this very origin only, nothing inline, nothing framed.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; worker-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; \
    form-action 'self'; frame-ancestors 'none'";

/// Its files, and places in it that it finds itself: no part of the API.
pub(super) fn router() -> Router<Shared> {
    Router::new()
        .route("/ui", get(|| async { Redirect::permanent(PREFIX) }))
        .route("/ui/", get(index))
        .route("/ui/{*path}", get(file))
}

async fn index(headers: HeaderMap) -> Response {
    answer("index.html", &headers)
}

async fn file(Path(path): Path<String>, headers: HeaderMap) -> Response {
    answer(&path, &headers)
}

/// For browsers, where others get a list of what there is.
pub(super) fn redirect(headers: &HeaderMap) -> Option<Response> {
    let wants_page = contains(headers, header::ACCEPT, "text/html");
    (wants_page && web_page::is_built()).then(|| Redirect::to(PREFIX).into_response())
}

fn answer(path: &str, headers: &HeaderMap) -> Response {
    if !web_page::is_built() {
        let hint = "build gostat with make, which builds the page too; the API is there without it";
        return Refusal::new(StatusCode::NOT_FOUND, "this gostat was built without its page", Some(hint))
            .into_response();
    }
    let is_route = !path.starts_with("assets/");
    // What is no file is a place in the page, which it finds itself.
    let found = web_page::asset(path).or_else(|| web_page::asset("index.html").filter(|_| is_route));
    match found {
        Some(asset) => send(asset, headers),
        None => Refusal::new(StatusCode::NOT_FOUND, "the page has no such file", Some("load the page again"))
            .into_response(),
    }
}

fn send(asset: &Asset, headers: &HeaderMap) -> Response {
    let kept = if asset.is_immutable() { "public, max-age=31536000, immutable" } else { "no-cache" };
    let about = [
        (header::CONTENT_TYPE, asset.media_type),
        (header::CACHE_CONTROL, kept),
        (header::ETAG, asset.tag),
        (header::VARY, "Accept-Encoding"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    if contains(headers, header::IF_NONE_MATCH, asset.tag) {
        return (StatusCode::NOT_MODIFIED, about).into_response();
    }
    if contains(headers, header::ACCEPT_ENCODING, "gzip") {
        return (about, [(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"))], asset.gzip)
            .into_response();
    }
    let mut body = Vec::new();
    match GzDecoder::new(asset.gzip).read_to_end(&mut body) {
        Ok(_) => (about, body).into_response(),
        Err(error) => Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, error, None).into_response(),
    }
}

fn contains(headers: &HeaderMap, name: HeaderName, text: &str) -> bool {
    headers.get(name).and_then(|value| value.to_str().ok()).is_some_and(|value| value.contains(text))
}
