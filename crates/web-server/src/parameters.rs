//! The parameters of a request: which there are, and saying no to others as to everything else.

use axum::extract::{FromRequest, FromRequestParts, Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;

use crate::answer::Refusal;

/// Names that differ more than so are not what was meant.
const SIMILARITY_MIN: f64 = 0.75;
/// Of a name that is not known, no more is told back.
const NAME_CHARS_MAX: usize = 60;

/// A parameter of a query.
#[derive(Debug)]
pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) required: bool,
    pub(crate) form: Form,
}

/// What its value may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Any text: the backend knows what is right.
    Text,
    /// A whole number up to this one.
    NumberTo(u64),
}

/// Lets through what has every parameter that it must have, once, and no others.
pub(crate) async fn check(
    State(known): State<&'static [Parameter]>,
    request: Request,
    next: Next,
) -> Response {
    match wrong(known, request.uri().query().unwrap_or_default()) {
        Some(refusal) => refusal.into_response(),
        None => next.run(request).await,
    }
}

fn wrong(known: &[Parameter], query: &str) -> Option<Refusal> {
    let refused = |error: String, hint: Option<String>| {
        Some(Refusal::new(StatusCode::BAD_REQUEST, error, hint.as_deref()))
    };
    let mut seen: Vec<&str> = Vec::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let Some(parameter) = known.iter().find(|known| known.name == name) else {
            let name: String = name.chars().take(NAME_CHARS_MAX).collect();
            return refused(format!("there is no parameter {name:?} here"), Some(nearest(known, &name)));
        };
        if seen.contains(&parameter.name) {
            return refused(format!("{name} is given twice"), Some("leave one of them out".to_owned()));
        }
        seen.push(parameter.name);
        if let Form::NumberTo(max) = parameter.form
            && value.parse::<u64>().ok().is_none_or(|value| value > max)
        {
            return refused(format!("{name} must be a whole number from 0 to {max}"), None);
        }
    }
    let missing = known.iter().find(|known| known.required && !seen.contains(&known.name))?;
    refused(format!("the parameter {} is missing", missing.name), Some(missing.about.to_owned()))
}

fn nearest(known: &[Parameter], name: &str) -> String {
    let nearest = known
        .iter()
        .map(|known| (strsim::jaro_winkler(known.name, name), known.name))
        .filter(|(similarity, _)| *similarity >= SIMILARITY_MIN)
        .max_by(|(a, _), (b, _)| a.total_cmp(b));
    let all = || known.iter().map(|known| known.name).collect::<Vec<_>>().join(", ");
    match nearest {
        Some((_, nearest)) => format!("did you mean {nearest:?}?"),
        None if known.is_empty() => "there are none".to_owned(),
        None => format!("the parameters here are {}", all()),
    }
}

/// A query, as axum reads it.
pub(crate) struct Query<T>(pub(crate) T);

/// A part of the path, as axum reads it.
pub(crate) struct Path<T>(pub(crate) T);

/// A body of JSON, as axum reads it.
pub(crate) struct Body<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let read = axum::extract::Query::from_request_parts(parts, state).await;
        let axum::extract::Query(value) =
            read.map_err(|error| Refusal::new(error.status(), error.body_text(), None))?;
        Ok(Query(value))
    }
}

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let read = axum::extract::Path::from_request_parts(parts, state).await;
        let axum::extract::Path(value) =
            read.map_err(|error| Refusal::new(error.status(), error.body_text(), None))?;
        Ok(Path(value))
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let read = axum::Json::from_request(request, state).await;
        let axum::Json(value) = read.map_err(|error| {
            let hint = "GET /api/v1/openapi.json says what a body has; its Content-Type is application/json";
            Refusal::new(error.status(), error.body_text(), Some(hint))
        })?;
        Ok(Body(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &[Parameter] = &[
        Parameter { name: "target", about: "whose", required: true, form: Form::Text },
        Parameter { name: "debug", about: "form", required: false, form: Form::NumberTo(255) },
    ];

    #[test]
    fn what_is_wrong_is_named_with_what_was_meant() {
        for (query, said) in [
            ("target=a&dbug=1", "there is no parameter \"dbug\" here; did you mean \"debug\"?"),
            ("target=a&x=1", "there is no parameter \"x\" here; the parameters here are target, debug"),
            ("target=a&target=b", "target is given twice; leave one of them out"),
            ("debug=1", "the parameter target is missing; whose"),
            ("target=a&debug=-1", "debug must be a whole number from 0 to 255"),
            ("target=a&debug=256", "debug must be a whole number from 0 to 255"),
        ] {
            let refusal = wrong(KNOWN, query).unwrap();
            assert_eq!(refusal.to_string(), said, "{query}");
        }
        assert!(wrong(&[], "a").unwrap().to_string().ends_with("there are none"));
        for query in ["target=a", "target=&debug=2", "target=a%20b"] {
            assert!(wrong(KNOWN, query).is_none(), "{query}");
        }
    }
}
