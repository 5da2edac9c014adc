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

use crate::access::{self, Access, Doorkeeper};
use crate::answer::Refusal;
use crate::backend::Backend;
use crate::connections;
use crate::feed::Feed;
use crate::routes::router;

/// A request is answered in this time, or not.
const ANSWERED_IN: Duration = Duration::from_secs(30);
/// Nobody has to say more than that.
const BODY_BYTES_MAX: usize = 64 << 10;

/// A running server. It ends when this is dropped.
pub struct Server {
    address: SocketAddr,
    doorkeeper: Doorkeeper,
    feed: Arc<Feed>,
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
        let (feed, doorkeeper) = (Arc::clone(backend.feed()), Doorkeeper::new(access));
        let app = router(backend, doorkeeper.clone())
            .layer(from_fn(in_time))
            .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
            .layer(from_fn_with_state(doorkeeper.clone(), access::check));
        let (stop, stopped) = oneshot::channel::<()>();
        // Dropping the sender ends it as well.
        let stopped = async { drop(stopped.await) };
        let serve = connections::serve(listener, doorkeeper.clone(), app, stopped);
        let thread = thread::Builder::new().name("serves".to_owned()).spawn(move || {
            runtime.block_on(serve);
            // What is being looked at for a request is not waited for.
            runtime.shutdown_background();
        })?;
        Ok(Server { address, doorkeeper, feed, stop: Some(stop), thread: Some(thread) })
    }

    /// Where it listens: the port is one that the system chose, if port 0 was asked for.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Goes by other files from now on: requests by another token, and connections that begin by other certificates.
    pub fn set_access(&self, access: Access) {
        self.doorkeeper.set(access);
    }

    /// Answers who has asked, and ends. Streams end at once.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.feed.close();
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
