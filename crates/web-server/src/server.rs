//! The server itself: it listens, answers, and ends when it is told to.

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, Request};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::access::{self, Access};
use crate::answer::Refusal;
use crate::backend::Backend;
use crate::routes::router;

/// A request is answered in this time, or not.
const ANSWERED_IN: Duration = Duration::from_secs(30);
/// Requests that have begun may end, when the server ends.
const DRAINED_IN: Duration = Duration::from_secs(5);
/// Nobody has to say more than that.
const BODY_BYTES_MAX: usize = 64 << 10;

/// A running server. It ends when this is dropped.
pub struct Server {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Why it cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The address cannot be listened on.
    #[error("cannot listen on {listen}: {cause}")]
    Listen {
        /// The address.
        listen: SocketAddr,
        /// Why not.
        cause: std::io::Error,
    },
    /// There are no threads, or no files, left for it.
    #[error("cannot start the server: {0}")]
    Start(#[from] std::io::Error),
}

impl Server {
    /// Listens, and answers from a thread of its own.
    ///
    /// # Errors
    /// When the address cannot be listened on.
    pub fn start(listen: SocketAddr, access: Access, backend: Arc<dyn Backend>) -> Result<Self, ServerError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let listener = runtime.block_on(TcpListener::bind(listen));
        let listener = listener.map_err(|cause| ServerError::Listen { listen, cause })?;
        let address = listener.local_addr()?;
        let app = router(backend)
            .layer(from_fn(in_time))
            .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
            .layer(from_fn_with_state(access, access::check));
        let (stop, stopped) = oneshot::channel::<()>();
        let serve = async move {
            let (ending, ended) = oneshot::channel::<()>();
            let stop = async {
                // Dropping the sender ends it as well.
                let _ = stopped.await;
                let _ = ending.send(());
            };
            let served = async { axum::serve(listener, app).with_graceful_shutdown(stop).await };
            let too_late = async {
                let _ = ended.await;
                tokio::time::sleep(DRAINED_IN).await;
            };
            tokio::select! {
                served = served => {
                    if let Err(error) = served {
                        tracing::error!(%error, "the server ended");
                    }
                }
                () = too_late => tracing::warn!("requests were cut off"),
            }
        };
        let thread = thread::Builder::new().name("serves".to_owned()).spawn(move || {
            runtime.block_on(serve);
            // What is being looked at for a request is not waited for.
            runtime.shutdown_background();
        })?;
        Ok(Server { address, stop: Some(stop), thread: Some(thread) })
    }

    /// Where it listens: the port is one that the system chose, if port 0 was asked for.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers who has asked, and ends.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the server had panicked");
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}

async fn in_time(request: Request, next: Next) -> Response {
    match tokio::time::timeout(ANSWERED_IN, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            let error = format!("no answer in {ANSWERED_IN:?}");
            Refusal::new(StatusCode::GATEWAY_TIMEOUT, error, Some("the target or the machine is busy"))
                .into_response()
        }
    }
}
