use std::collections::{HashMap, VecDeque};
use std::task::{Context, Poll};

use frugal_decode::{Generator, SequenceEvent, SequenceId, SequenceRequest, Timeline};
use frugal_tensor::{Backend, BackendError, MemoryUse};

use crate::codec::Codec;
use crate::running::Running;
use crate::{Event, Prompt, Request, RequestId, SessionError};

/// One model on one backend, and its requests.
pub struct Session {
    backend: Box<dyn Backend>,
    generator: Generator,
    codec: Box<dyn Codec>,
    end: Vec<u32>,
    queue: VecDeque<Waiting>,
    queue_max: usize,
    running: HashMap<SequenceId, Running>,
    next: u64,
    steps: Vec<SequenceEvent>,
    load_ms: Option<f64>,
}

struct Waiting {
    id: RequestId,
    request: SequenceRequest,
    stop: Vec<String>,
    arrived_ms: f64,
}

impl Session {
    /// Serves a generator that was made on this backend. `queue_max`: requests that may wait besides those that run.
    pub fn new(backend: Box<dyn Backend>, generator: Generator, codec: Box<dyn Codec>, queue_max: usize) -> Self {
        let end = generator.decoder().config().end.clone();
        let (queue, running, steps) = (VecDeque::new(), HashMap::new(), Vec::new());
        Self { backend, generator, codec, end, queue, queue_max, running, next: 0, steps, load_ms: None }
    }

    /// Says what loading took, for the timelines.
    #[must_use]
    pub fn loaded_in(self, load_ms: Option<f64>) -> Self {
        Self { load_ms, ..self }
    }

    /// What computes, for people.
    pub fn backend(&self) -> String {
        self.backend.describe()
    }

    /// Bytes allocated, by kind.
    pub fn memory(&self) -> MemoryUse {
        self.backend.memory()
    }

    /// Requests that run, and that wait.
    pub fn load(&self) -> (usize, usize) {
        (self.running.len(), self.queue.len())
    }

    /// A token by itself, for people; see [`Codec::piece`].
    pub fn piece(&self, token: u32) -> String {
        self.codec.piece(token)
    }

    /// Takes a request; it runs as soon as a slot is free.
    ///
    /// # Errors
    /// [`SessionError::QueueFull`], [`SessionError::Text`], [`SessionError::Request`]: a bad request is refused here,
    /// not when its turn comes.
    pub fn submit(&mut self, request: Request, now_ms: f64) -> Result<RequestId, SessionError> {
        let free = self.generator.slots() - self.generator.running();
        if self.queue.len() >= self.queue_max + free {
            return Err(SessionError::QueueFull { waiting: self.queue.len() });
        }
        let Request { prompt, max_tokens, sampling, stop, logprobs } = request;
        let prompt = match prompt {
            Prompt::Text { text, special } => self.codec.encode(&text, special).map_err(SessionError::Text)?,
            Prompt::Chat(messages) => {
                let text = self.codec.chat(&messages).map_err(SessionError::Text)?;
                self.codec.encode(&text, false).map_err(SessionError::Text)?
            }
            Prompt::Tokens(tokens) => tokens,
        };
        let request = SequenceRequest { prompt, max_tokens, end: self.end.clone(), sampling, logprobs };
        self.generator.check(&request)?;
        let id = RequestId(self.next);
        self.next += 1;
        self.queue.push_back(Waiting { id, request, stop, arrived_ms: now_ms });
        Ok(id)
    }

    /// Ends a request, whether it waits or runs. Its last event, unless it ended before.
    pub fn cancel(&mut self, id: RequestId) -> Option<Event> {
        if let Some(at) = self.queue.iter().position(|waiting| waiting.id == id) {
            let waiting = self.queue.remove(at)?;
            let running = Running::new(id, self.codec.text(), waiting.stop);
            return Some(running.finish(None, None).1);
        }
        let sequence = self.running.iter().find(|(_, running)| running.id == id).map(|(sequence, _)| *sequence)?;
        let timeline = self.generator.cancel(sequence).map(|timeline| self.timeline(timeline));
        Some(self.running.remove(&sequence)?.finish(None, timeline).1)
    }

    /// Does one step, or waits for the one that runs. Ready with what happened; ready and empty when nothing is to be
    /// done. A failed device fails every request.
    pub fn poll(
        &mut self,
        context: &mut Context<'_>,
        now_ms: &mut dyn FnMut() -> f64,
        events: &mut Vec<(RequestId, Event)>,
    ) -> Poll<()> {
        self.admit(events);
        let mut steps = std::mem::take(&mut self.steps);
        let result = self.generator.poll(self.backend.as_mut(), context, now_ms, &mut steps);
        for step in steps.drain(..) {
            self.step(step, events);
        }
        self.steps = steps;
        match result {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Ok(())) => Poll::Ready(()),
            Poll::Ready(Err(error)) => {
                self.fail(&error, events);
                Poll::Ready(())
            }
        }
    }

    fn timeline(&self, timeline: Timeline) -> Timeline {
        Timeline { load_ms: self.load_ms, ..timeline }
    }

    /// Gives waiting requests free slots, first come first served.
    fn admit(&mut self, events: &mut Vec<(RequestId, Event)>) {
        while self.generator.running() < self.generator.slots() {
            let Some(waiting) = self.queue.pop_front() else { return };
            match self.generator.start(waiting.request, waiting.arrived_ms) {
                Ok(sequence) => {
                    let running = Running::new(waiting.id, self.codec.text(), waiting.stop);
                    self.running.insert(sequence, running);
                }
                Err(error) => events.push((waiting.id, Event::Failed(error.into()))),
            }
        }
    }

    fn step(&mut self, step: SequenceEvent, events: &mut Vec<(RequestId, Event)>) {
        match step {
            SequenceEvent::Prefill { id, done, of } => {
                if let Some(running) = self.running.get(&id) {
                    events.push((running.id, Event::Prefill { done, of }));
                }
            }
            SequenceEvent::Failed { id, error } => {
                if let Some(running) = self.running.remove(&id) {
                    events.push((running.id, Event::Failed(error.into())));
                }
            }
            SequenceEvent::Token { id, token, logprobs, finish } => {
                let Some(running) = self.running.get_mut(&id) else { return };
                let ends = matches!(finish, Some((frugal_decode::Finish::End, _)));
                let before = events.len();
                let stopped = running.token(token, logprobs, ends, events);
                let failed = matches!(events.get(before), Some((_, Event::Failed(_))));
                if finish.is_none() && !stopped {
                    return;
                }
                // A stop string, or a text that cannot go on, frees the slot here.
                let timeline = finish.map(|(_, timeline)| timeline).or_else(|| self.generator.cancel(id));
                let timeline = timeline.map(|timeline| self.timeline(timeline));
                let Some(running) = self.running.remove(&id) else { return };
                if !failed {
                    events.push(running.finish(finish.map(|(finish, _)| finish), timeline));
                }
            }
        }
    }

    fn fail(&mut self, error: &BackendError, events: &mut Vec<(RequestId, Event)>) {
        for (sequence, running) in self.running.drain() {
            self.generator.cancel(sequence);
            events.push((running.id, Event::Failed(error.clone().into())));
        }
        for waiting in self.queue.drain(..) {
            events.push((waiting.id, Event::Failed(error.clone().into())));
        }
        events.sort_by_key(|(id, _)| *id);
    }
}
