//! Profiles as `net/http/pprof` serves them, of targets that need not serve any.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use snapshot::{Goroutine, GoroutineId};

use super::Shared;
use crate::answer::Refusal;
use crate::backend::{AskError, Backend, Goroutines};
use crate::parameters::{Path, Query};

/// The parameters of `net/http/pprof`. `seconds` asks for the difference of two profiles, which is not served: it is
/// refused rather than ignored.
#[derive(Debug, Deserialize)]
pub(super) struct Parameters {
    debug: Option<u8>,
    seconds: Option<String>,
}

pub(super) async fn goroutine(
    shared: State<Shared>,
    id: Path<String>,
    parameters: Query<Parameters>,
) -> Result<Response, Refusal> {
    serve(shared, id, parameters, "goroutine", |backend, id| backend.goroutines(id)).await
}

pub(super) async fn goroutineleak(
    shared: State<Shared>,
    id: Path<String>,
    parameters: Query<Parameters>,
) -> Result<Response, Refusal> {
    serve(shared, id, parameters, "goroutineleak", |backend, id| backend.leaked(id)).await
}

async fn serve(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    Query(parameters): Query<Parameters>,
    name: &'static str,
    look: fn(&dyn Backend, &str) -> Result<Goroutines, AskError>,
) -> Result<Response, Refusal> {
    if parameters.seconds.is_some() {
        let error = "differences of two profiles (seconds) are not served";
        return Err(Refusal::new(StatusCode::BAD_REQUEST, error, None));
    }
    let debug = parameters.debug.unwrap_or(0);
    let body = shared.look(move |backend| Ok(rendered(&look(backend, &id)?, name, debug))).await?;
    let body = body.map_err(|error| Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, error, None))?;
    // As net/http/pprof.
    let headers = match debug {
        0 => [
            (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
            (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        ],
        _ => [
            (header::CONTENT_TYPE, "text/plain; charset=utf-8".to_owned()),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        ],
    };
    Ok((headers, body).into_response())
}

fn rendered(goroutines: &Goroutines, name: &str, debug: u8) -> std::io::Result<Vec<u8>> {
    let wanted =
        |id: GoroutineId| goroutines.wanted.as_ref().is_none_or(|wanted| wanted.binary_search(&id).is_ok());
    let chosen = || -> Vec<&Goroutine> {
        let of_program = goroutines.snapshot.goroutines.iter().filter(|goroutine| !goroutine.is_runtime);
        of_program.filter(|goroutine| wanted(goroutine.id)).collect()
    };
    let mut body = Vec::new();
    let snapshot = &goroutines.snapshot;
    match debug {
        0 => {
            let mapping = goroutines.mapping.clone();
            let form = pprof_profile::WriteOptions { include_runtime: false, mapping };
            pprof_profile::write(&snapshot.census(chosen()), &form, &mut body)?;
        }
        1 => pprof_profile::write_text(&snapshot.census(chosen()), name, &mut body)?,
        _ => {
            let form = goroutine_dump::WriteOptions { labels: false, no_runtime: true };
            goroutine_dump::write(snapshot, chosen(), &form, &mut body)?;
        }
    }
    Ok(body)
}
