//! Connections: bounded in number and in the patience they get.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use crate::{Cancel, Config};

/// Largest head of a request, in bytes.
const HEAD_BYTES_MAX: usize = 64 << 10;

/// Serves until `stopping` is set, then lets requests under way finish within their deadline.
///
/// Not `axum::serve`: that sets no time limit for the head of a request, so clients that send a byte
/// a minute would hold connections for ever.
pub(crate) async fn serve(listener: TcpListener, router: Router, config: &Config, stopping: &Cancel) {
    let connections = Arc::new(Semaphore::new(config.connections_max));
    let graceful = GracefulShutdown::new();
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(config.header_deadline)
        .max_buf_size(HEAD_BYTES_MAX)
        .keep_alive(true);
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &connections) => accepted,
            () = stopping.wait() => break,
        };
        let (stream, permit) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                // Out of file descriptors, most likely: let some connections end first.
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        _ = stream.set_nodelay(true);
        let service = TowerToHyperService::new(router.clone());
        let connection = graceful.watch(http.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection broke off");
            }
            drop(permit);
        });
    }
    drop(listener);
    if tokio::time::timeout(config.shutdown_deadline, graceful.shutdown()).await.is_err() {
        tracing::warn!("requests were still under way at the end of the shutdown deadline");
    }
}

async fn accept(
    listener: &TcpListener,
    connections: &Arc<Semaphore>,
) -> io::Result<(tokio::net::TcpStream, tokio::sync::OwnedSemaphorePermit)> {
    let permit = Arc::clone(connections).acquire_owned().await.map_err(io::Error::other)?;
    let (stream, _) = listener.accept().await?;
    Ok((stream, permit))
}
