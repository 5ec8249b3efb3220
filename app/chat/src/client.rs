//! One call: requests until one is answered, within bounds.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Instant;

use crate::retry::pause;
use crate::transport::{Endpoint, EndpointError, Transport};
use crate::{ChatError, Failed, Reply, Request, Stop};

/// Asks one endpoint. Share it; calls may run on many threads at once.
#[derive(Debug, Clone)]
pub struct Client {
    transport: Transport,
}

impl Client {
    /// A client of an endpoint. Nothing is sent yet.
    ///
    /// # Errors
    /// [`EndpointError`] when address or certificates cannot be used.
    pub fn new(endpoint: Endpoint) -> Result<Self, EndpointError> {
        Ok(Self { transport: Transport::new(endpoint)? })
    }

    /// The endpoint's address as it may be shown: without what may be secret in it.
    pub fn address(&self) -> &str {
        self.transport.shown()
    }

    /// Name of the model asked for.
    pub fn model(&self) -> &str {
        &self.transport.endpoint().model
    }

    /// Asks, and asks again where that may help. Blocks until there is an answer, a failure, or a reason to stop; then at
    /// most for some 25 ms, since a request in flight is left to end on a thread of its own.
    ///
    /// # Errors
    /// [`Failed`] with the last failure.
    pub fn ask(&self, request: &Request, stop: &Stop) -> Result<Reply, Failed> {
        let begun = Instant::now();
        let endpoint = self.transport.endpoint();
        let mut attempts = 0;
        let failed = |error, attempts| Failed { error, attempts };
        loop {
            if let Some(reason) = stop.reason() {
                return Err(failed(reason, attempts));
            }
            attempts += 1;
            let error = match self.once(request, stop) {
                Ok(reply) => {
                    let wall_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
                    return Ok(Reply { attempts, wall_ms, ..reply });
                }
                Err(error) => error,
            };
            let Some(rest) = pause(&error, attempts, endpoint.attempts_max, endpoint.retry_after_max) else {
                return Err(failed(error, attempts));
            };
            stop.sleep(rest).map_err(|reason| failed(reason, attempts))?;
        }
    }

    fn once(&self, request: &Request, stop: &Stop) -> Result<Reply, ChatError> {
        let (transport, request) = (self.transport.clone(), request.clone());
        let (answer, answered) = channel();
        let work = move || {
            // Nobody may be waiting any more.
            let _ = answer.send(transport.send(&request));
        };
        let unable = |message: String| ChatError::Unreachable { message };
        std::thread::Builder::new()
            .name("frugal-chat".into())
            .spawn(work)
            .map_err(|error| unable(format!("no thread for the request: {error}")))?;
        stop.wait_for(|step| match answered.recv_timeout(step) {
            Ok(answer) => Some(answer),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => Some(Err(unable("the request's thread panicked".to_owned()))),
        })?
    }
}
