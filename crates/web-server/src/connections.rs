//! Connections: as many as there may be, each with time limits on everything that the other side could draw out.
//!
//! ```text
//! accept ──> a free place? ──> TLS in 10 s ──> head in 15 s ──> answer in 30 s, each write in 30 s ──┐
//!            (else it waits)                      ^────────────── next request ──────────────────────┘
//! ```

use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio_io_timeout::TimeoutStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::access::Doorkeeper;
use crate::answer::Refusal;

/// Connections at a time. Others wait until one of these ends.
const CONNECTIONS_MAX: usize = 256;
/// TLS is agreed on in this time, or not.
const HANDSHAKE_IN: Duration = Duration::from_secs(10);
/// The head of a request is there in this time, counted from the end of the answer before it.
const HEAD_IN: Duration = Duration::from_secs(15);
/// Bytes that the head of a request may have, and bytes of an answer that wait to be sent.
const HEAD_BYTES_MAX: usize = 64 << 10;
/// Whoever takes nothing of an answer for this long is gone.
const TAKEN_IN: Duration = Duration::from_secs(30);
/// Requests that have begun may end, when the server ends.
const DRAINED_IN: Duration = Duration::from_secs(5);
/// After a failure to accept, such as too many open files, it is tried again in this time.
const RETRIED_AFTER: Duration = Duration::from_secs(1);
/// The first byte of TLS: a record of a handshake (RFC 8446, section 5.1).
const HANDSHAKE_RECORD: u8 = 22;

/// Serves until `stopped` is.
pub(crate) async fn serve(
    listener: TcpListener,
    doorkeeper: Doorkeeper,
    app: Router,
    stopped: impl Future<Output = ()>,
) {
    // Every connection has a receiver: that there is none says that all have ended.
    let ending = watch::Sender::new(());
    tokio::select! {
        () = accept(&listener, &doorkeeper, &app, &ending) => {}
        () = stopped => {}
    }
    drop(listener);
    ending.send_replace(());
    tokio::select! {
        () = ending.closed() => {}
        () = tokio::time::sleep(DRAINED_IN) => tracing::warn!("requests were cut off"),
    }
}

async fn accept(listener: &TcpListener, doorkeeper: &Doorkeeper, app: &Router, ending: &watch::Sender<()>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    // It is never closed.
    while let Ok(place) = Arc::clone(&places).acquire_owned().await {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(RETRIED_AFTER).await;
                continue;
            }
        };
        let (tls, app, ends) = (doorkeeper.now().tls(), app.clone(), ending.subscribe());
        tokio::spawn(async move {
            if let Err(error) = converse(stream, tls, app, ends).await {
                tracing::debug!(error, "a connection failed");
            }
            drop(place);
        });
    }
}

async fn converse(
    stream: TcpStream,
    tls: Option<Arc<ServerConfig>>,
    app: Router,
    ends: watch::Receiver<()>,
) -> Result<(), String> {
    let failed = |error: io::Error| error.to_string();
    // What is sent is sent at once: events are small.
    stream.set_nodelay(true).map_err(failed)?;
    let Some(tls) = tls else { return answer(stream, app, ends).await };
    let handshake = async {
        let mut first = [0];
        match (stream.peek(&mut first).await?, first) {
            (0, _) => Err(io::ErrorKind::UnexpectedEof.into()),
            (_, [HANDSHAKE_RECORD]) => {
                let accepted = TlsAcceptor::from(tls).accept(stream).await?;
                Ok(Spoken::Tls(Box::new(accepted)))
            }
            _ => Ok(Spoken::Plain(stream)),
        }
    };
    match tokio::time::timeout(HANDSHAKE_IN, handshake).await {
        Ok(Ok(Spoken::Tls(stream))) => answer(*stream, app, ends).await,
        Ok(Ok(Spoken::Plain(stream))) => answer(stream, Router::new().fallback(speaks_tls), ends).await,
        Ok(Err(error)) => Err(failed(error)),
        Err(_) => Err(format!("no handshake in {HANDSHAKE_IN:?}")),
    }
}

/// What whoever has connected speaks.
enum Spoken {
    Tls(Box<TlsStream<TcpStream>>),
    Plain(TcpStream),
}

/// What is said to plain HTTP where TLS is spoken.
async fn speaks_tls() -> Response {
    let refusal =
        Refusal::new(StatusCode::BAD_REQUEST, "this port speaks HTTPS only", Some("ask https:// instead"));
    let mut response = refusal.into_response();
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

async fn answer<S>(stream: S, app: Router, mut ends: watch::Receiver<()>) -> Result<(), String>
where
    S: AsyncRead + AsyncWrite + Send + 'static,
{
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(TAKEN_IN));
    let stream: Pin<Box<TimeoutStream<S>>> = Box::pin(stream);
    let mut connection = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_IN)
            .max_buf_size(HEAD_BYTES_MAX)
            .serve_connection(TokioIo::new(stream), TowerToHyperService::new(app))
            .with_upgrades()
    );
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        _ = ends.changed() => {
            // A request that has begun is answered.
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    ended.map_err(|error| error.to_string())
}
