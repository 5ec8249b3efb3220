//! Models that the server answers with, each on a thread of its own.
//!
//! A session is polled by one owner and never waits, so several requests run in one batch; the thread sleeps while
//! nothing is asked.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::task::{Context, Waker};
use std::time::Instant;

use frugal_session::{Event, FinishReason, Request, RequestId, Session, SessionError, Timeline, TokenLogprob};
use tokio::sync::{mpsc, oneshot};

/// A model to be opened, on the thread that will run it: sessions stay where they were made.
pub struct ModelSource {
    /// By which requests name it.
    pub name: String,
    /// Opens it; an error is a sentence for the operator.
    pub open: Box<dyn FnOnce() -> Result<Session, String> + Send>,
}

/// The models of a server.
#[derive(Default)]
pub(crate) struct Models(Vec<Model>);

/// One model: a handle to its thread.
pub(crate) struct Model {
    pub(crate) name: String,
    /// Seconds since 1970 at which it was ready.
    pub(crate) created_s: u64,
    commands: Sender<Submission>,
}

/// A request on its way to the thread.
struct Submission {
    request: Request,
    said: mpsc::UnboundedSender<Said>,
    taken: oneshot::Sender<Result<(), SessionError>>,
}

/// What a thread tells of one request; the last one is `Finished` or `Failed`.
#[derive(Debug)]
pub(crate) enum Said {
    /// A token came, and with it perhaps text.
    Token {
        text: String,
        logprobs: Option<PieceLogprobs>,
    },
    Finished {
        reason: FinishReason,
        text: String,
        timeline: Option<Timeline>,
    },
    Failed(SessionError),
}

/// A token's text with its log-probability, and those of the likeliest tokens.
#[derive(Debug)]
pub(crate) struct PieceLogprobs {
    pub(crate) chosen: (String, f64),
    pub(crate) top: Vec<(String, f64)>,
}

impl Models {
    /// Opens every model, one after the other.
    ///
    /// # Errors
    /// The name of the first that cannot be opened, and why.
    pub(crate) fn open(sources: Vec<ModelSource>) -> Result<Self, (String, String)> {
        let mut models: Vec<Model> = Vec::new();
        for ModelSource { name, open } in sources {
            if models.iter().any(|model| model.name == name) {
                return Err((name, "two models have this name; give one another, as NAME=DIR".to_owned()));
            }
            let (commands, inbox) = channel();
            let (tell, ready) = channel();
            let spawned = std::thread::Builder::new().name(format!("model {name}")).spawn(move || match open() {
                Ok(session) => {
                    let _ = tell.send(Ok(()));
                    // What panics ends this model alone; requests to it are told.
                    let ran = catch_unwind(AssertUnwindSafe(|| Desk::new(session).work(&inbox)));
                    if ran.is_err() {
                        tracing::error!("a model's thread panicked");
                    }
                }
                Err(message) => drop(tell.send(Err(message))),
            });
            if let Err(error) = spawned {
                return Err((name, format!("no thread: {error}")));
            }
            match ready.recv() {
                Ok(Ok(())) => models.push(Model { name, created_s: crate::time::now_s(), commands }),
                Ok(Err(message)) => return Err((name, message)),
                Err(_) => return Err((name, "opening it panicked; the log has the cause".to_owned())),
            }
        }
        Ok(Self(models))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Model> {
        self.0.iter()
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Model> {
        self.0.iter().find(|model| model.name == name)
    }
}

/// A request that was not taken.
#[derive(Debug)]
pub(crate) enum Refused {
    /// By the session.
    Session(SessionError),
    /// The thread is gone.
    Gone,
}

impl Model {
    /// Hands a request over. What is said of it comes through the receiver; dropping that cancels the request.
    ///
    /// # Errors
    /// [`Refused`].
    pub(crate) async fn submit(&self, request: Request) -> Result<mpsc::UnboundedReceiver<Said>, Refused> {
        let (said, receiver) = mpsc::unbounded_channel();
        let (taken, answer) = oneshot::channel();
        self.commands.send(Submission { request, said, taken }).map_err(|_| Refused::Gone)?;
        match answer.await {
            Ok(Ok(())) => Ok(receiver),
            Ok(Err(error)) => Err(Refused::Session(error)),
            Err(_) => Err(Refused::Gone),
        }
    }
}

/// The thread's side.
struct Desk {
    session: Session,
    asked: HashMap<RequestId, mpsc::UnboundedSender<Said>>,
    begun: Instant,
}

impl Desk {
    fn new(session: Session) -> Self {
        Self { session, asked: HashMap::new(), begun: Instant::now() }
    }

    /// Works until nobody can ask any more.
    fn work(&mut self, inbox: &Receiver<Submission>) {
        let mut events = Vec::new();
        loop {
            if self.asked.is_empty() {
                let Ok(submission) = inbox.recv() else { return };
                self.take(submission);
            }
            while let Ok(submission) = inbox.try_recv() {
                self.take(submission);
            }
            self.forget_the_gone();
            let begun = self.begun;
            let mut now_ms = || begun.elapsed().as_secs_f64() * 1_000.0;
            let mut context = Context::from_waker(Waker::noop());
            if self.session.poll(&mut context, &mut now_ms, &mut events).is_pending() {
                std::thread::yield_now();
            }
            for (id, event) in events.drain(..) {
                self.tell(id, event);
            }
        }
    }

    fn take(&mut self, Submission { request, said, taken }: Submission) {
        let now_ms = self.begun.elapsed().as_secs_f64() * 1_000.0;
        let submitted = self.session.submit(request, now_ms).map(|id| drop(self.asked.insert(id, said)));
        // Whoever went away meanwhile has closed the other channel too.
        let _ = taken.send(submitted);
    }

    /// Ends the requests whose askers went away.
    fn forget_the_gone(&mut self) {
        let session = &mut self.session;
        self.asked.retain(|id, said| {
            let gone = said.is_closed();
            if gone {
                session.cancel(*id);
            }
            !gone
        });
    }

    fn tell(&mut self, id: RequestId, event: Event) {
        let Some(asker) = self.asked.get(&id) else { return };
        let (said, is_last) = match event {
            Event::Prefill { .. } => return,
            Event::Token { text, logprobs, .. } => {
                let logprobs = logprobs.map(|(chosen, top)| PieceLogprobs {
                    chosen: self.piece(chosen),
                    top: top.into_iter().map(|one| self.piece(one)).collect(),
                });
                (Said::Token { text, logprobs }, false)
            }
            Event::Finished { reason, text, timeline } => (Said::Finished { reason, text, timeline }, true),
            Event::Failed(error) => (Said::Failed(error), true),
        };
        let _ = asker.send(said);
        if is_last {
            self.asked.remove(&id);
        }
    }

    fn piece(&self, TokenLogprob { token, logprob }: TokenLogprob) -> (String, f64) {
        (self.session.piece(token), logprob)
    }
}
