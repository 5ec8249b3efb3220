//! A server for a process of its own: a runtime, and the signals that end it.

use std::io;
use std::sync::Arc;

use tokio::signal::unix::{SignalKind, signal};

use crate::{Cancel, Compute, Config, ModelSource, ServeError, Server};

/// Serves until Ctrl-C or SIGTERM, then finishes what is under way. `ready` learns the address.
///
/// # Errors
/// [`ServeError`] when the server could not start.
pub fn serve_until_signal(
    config: Config,
    compute: Arc<dyn Compute>,
    models: Vec<ModelSource>,
    ready: impl FnOnce(std::net::SocketAddr),
) -> Result<(), ServeError> {
    let deadline = config.shutdown_deadline;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(ServeError::Runtime)?;
    let served = runtime.block_on(async {
        let server = Server::open(config, compute, models).await?;
        let stopping = server.stopping();
        let signals = signals().map_err(ServeError::Runtime)?;
        tokio::spawn(stop_on_signal(signals, stopping));
        ready(server.address());
        server.serve().await;
        Ok(())
    });
    // A run that does not end in time must not keep the process.
    runtime.shutdown_timeout(deadline);
    served
}

type Signals = [tokio::signal::unix::Signal; 2];

fn signals() -> io::Result<Signals> {
    Ok([signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?])
}

/// The first signal lets work under way finish; a second one ends the process at once.
async fn stop_on_signal(mut signals: Signals, stopping: Cancel) {
    for urgent in [false, true] {
        let [interrupt, terminate] = &mut signals;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        if urgent {
            tracing::warn!("stopping at once");
            std::process::exit(130);
        }
        tracing::info!("stopping; once more to stop at once");
        stopping.set();
    }
}
