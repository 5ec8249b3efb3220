#![allow(clippy::unwrap_used)]
use std::task::{Context, Poll, Waker};

use frugal_decode::Generator;
use frugal_model::config::Config;
use frugal_model::decoder::{Decoder, Loader, MatrixOrder, Precision, WeightType};
use frugal_tensor::{Backend, BackendError, BufferId, Cpu, DType, Memory, MemoryUse, Plan, PlanId, ReadId};

use super::*;

/// Letters from `A` on; token 30 is the first half of an `é`, 31 the second.
struct Letters;

struct Text(Vec<u8>);

impl Codec for Letters {
    fn encode(&self, text: &str, special: bool) -> Result<Vec<u32>, String> {
        if !text.is_ascii() {
            return Err("letters only".to_owned());
        }
        Ok(special.then_some(0).into_iter().chain(text.bytes().map(|byte| u32::from(byte - b'A'))).collect())
    }

    fn text(&self) -> Box<dyn TextParts> {
        Box::new(Text(Vec::new()))
    }
}

impl TextParts for Text {
    fn push(&mut self, token: u32) -> Result<String, String> {
        self.0.push(match token {
            30 => 0xc3,
            31 => 0xa9,
            token => b'A' + u8::try_from(token).unwrap(),
        });
        match String::from_utf8(std::mem::take(&mut self.0)) {
            Ok(text) => Ok(text),
            Err(error) => {
                self.0 = error.into_bytes();
                Ok(String::new())
            }
        }
    }

    fn finish(&mut self) -> String {
        String::from_utf8_lossy(&self.0).into_owned()
    }
}

fn session_on(mut backend: Box<dyn Backend>, slots: usize, queue_max: usize) -> Session {
    let config = Config { vocabulary: 32, tied: false, ..Config::small_llama() };
    let precision = Precision::uniform(WeightType::F32);
    let decoder = Decoder::random(&config, 64, precision, 11, backend.as_mut()).unwrap();
    session_of(decoder, backend, slots, queue_max)
}

fn session_of(decoder: Decoder, mut backend: Box<dyn Backend>, slots: usize, queue_max: usize) -> Session {
    let limits = Limits { slots, context: 48, chunk: 16, cache: DType::F32 };
    let generator = Generator::new(decoder, limits, backend.as_mut()).unwrap();
    Session::new(backend, generator, Box::new(Letters), queue_max)
}

fn session(slots: usize, queue_max: usize) -> Session {
    session_on(Box::new(Cpu::fast()), slots, queue_max)
}

fn request(text: &str, max_tokens: usize) -> Request {
    let prompt = Prompt::Text { text: text.to_owned(), special: true };
    Request { prompt, max_tokens, sampling: Sampling::GREEDY, stop: vec![], logprobs: None }
}

fn drain(session: &mut Session) -> Vec<(RequestId, Event)> {
    let mut events = Vec::new();
    let mut now = 100.0;
    while session.load() != (0, 0) {
        let mut context = Context::from_waker(Waker::noop());
        let mut clock = || {
            now += 1.0;
            now
        };
        let _ = session.poll(&mut context, &mut clock, &mut events);
    }
    events
}

/// The answer's whole text, and its last event.
fn answer(events: &[(RequestId, Event)], of: RequestId) -> (String, Event) {
    let own: Vec<&Event> = events.iter().filter(|(id, _)| *id == of).map(|(_, event)| event).collect();
    let text = own.iter().map(|event| match event {
        Event::Token { text, .. } | Event::Finished { text, .. } => text.as_str(),
        _ => "",
    });
    (text.collect(), (*own.last().unwrap()).clone())
}

#[test]
fn more_requests_than_slots_are_all_answered() {
    let mut session = session(2, 3);
    let ids: Vec<_> =
        ["AB", "CD", "AB", "EF", "CD"].into_iter().map(|text| session.submit(request(text, 9), 0.0).unwrap()).collect();
    // Two will run, three may wait.
    assert_eq!(session.submit(request("EF", 9), 0.0), Err(SessionError::QueueFull { waiting: 5 }));
    let events = drain(&mut session);
    let answers: Vec<String> = ids.iter().map(|id| answer(&events, *id).0).collect();
    assert_eq!((&answers[0], &answers[1]), (&answers[2], &answers[4]));
    for id in &ids {
        let Event::Finished { reason, timeline: Some(timeline), .. } = answer(&events, *id).1 else { panic!() };
        assert_eq!((reason, timeline.tokens, timeline.prompt_tokens), (FinishReason::Length, 9, 3));
    }
    let queued = |id: RequestId| match answer(&events, id).1 {
        Event::Finished { timeline: Some(timeline), .. } => timeline.queue_ms.unwrap(),
        _ => panic!(),
    };
    assert!(queued(ids[4]) > queued(ids[0]), "the last one waited");
}

#[test]
fn a_stop_string_cuts_the_text() {
    let mut session = session(1, 8);
    let whole = session.submit(request("AB", 12), 0.0).unwrap();
    let whole = answer(&drain(&mut session), whole).0;
    let letters: Vec<char> = whole.chars().collect();
    let stop: String = letters[4..6].iter().collect();
    let cut = whole.find(&stop).unwrap();
    let id = session.submit(Request { stop: vec![stop], ..request("AB", 12) }, 0.0).unwrap();
    let (text, last) = answer(&drain(&mut session), id);
    assert_eq!(text, whole[..cut]);
    assert!(matches!(last, Event::Finished { reason: FinishReason::StopString, .. }), "{last:?}");
    assert_eq!(session.load(), (0, 0));
}

#[test]
fn cancelled_requests_free_their_place() {
    let mut session = session(1, 1);
    let first = session.submit(request("AB", 30), 0.0).unwrap();
    let mut events = Vec::new();
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..3 {
        assert_eq!(session.poll(&mut context, &mut || 1.0, &mut events), Poll::Ready(()));
    }
    let second = session.submit(request("CD", 5), 0.0).unwrap();
    assert_eq!(session.submit(request("EF", 5), 0.0), Err(SessionError::QueueFull { waiting: 1 }));
    let Some(Event::Finished { reason: FinishReason::Cancelled, timeline: Some(timeline), .. }) = session.cancel(first)
    else {
        panic!()
    };
    assert_eq!((timeline.tokens, session.load()), (3, (0, 1)));
    assert!(session.cancel(first).is_none());
    let third = session.submit(request("EF", 5), 0.0).unwrap();
    assert!(matches!(session.cancel(third), Some(Event::Finished { timeline: None, .. })));
    let events = drain(&mut session);
    assert!(events.iter().all(|(id, _)| *id == second));
}

#[test]
fn bad_requests_are_refused_at_the_door() {
    let mut session = session(1, 8);
    assert_eq!(session.submit(request("é", 1), 0.0), Err(SessionError::Text("letters only".into())));
    assert!(matches!(session.submit(request(&"A".repeat(48), 1), 0.0), Err(SessionError::Request(_))));
    assert!(matches!(session.submit(request("A", 0), 0.0), Err(SessionError::Request(_))));
    let sampling = Sampling { temperature: -1.0, ..Sampling::GREEDY };
    assert!(matches!(session.submit(Request { sampling, ..request("A", 1) }, 0.0), Err(SessionError::Request(_))));
    assert_eq!(session.load(), (0, 0));
}

/// A device that is lost after some runs.
struct Fragile {
    inner: Cpu,
    runs: usize,
}

impl Backend for Fragile {
    fn describe(&self) -> String {
        "fragile".to_owned()
    }
    fn allocate(&mut self, bytes: usize, kind: Memory) -> Result<BufferId, BackendError> {
        self.inner.allocate(bytes, kind)
    }
    fn free(&mut self, buffer: BufferId) -> Result<(), BackendError> {
        self.inner.free(buffer)
    }
    fn write(&mut self, buffer: BufferId, offset: usize, bytes: &[u8]) -> Result<(), BackendError> {
        self.inner.write(buffer, offset, bytes)
    }
    fn prepare(&mut self, plan: &Plan) -> Result<PlanId, BackendError> {
        self.inner.prepare(plan)
    }
    fn release(&mut self, plan: PlanId) -> Result<(), BackendError> {
        self.inner.release(plan)
    }
    fn run(&mut self, plan: PlanId, scalars: &[u32]) -> Result<(), BackendError> {
        self.runs += 1;
        if self.runs > 4 {
            return Err(BackendError::DeviceLost { reason: "unplugged".to_owned() });
        }
        self.inner.run(plan, scalars)
    }
    fn read(&mut self, buffer: BufferId, offset: usize, bytes: usize) -> Result<ReadId, BackendError> {
        self.inner.read(buffer, offset, bytes)
    }
    fn poll_read(&mut self, read: ReadId, context: &mut Context<'_>, out: &mut [u8]) -> Poll<Result<(), BackendError>> {
        self.inner.poll_read(read, context, out)
    }
    fn memory(&self) -> MemoryUse {
        self.inner.memory()
    }
}

#[test]
fn a_lost_device_fails_every_request() {
    let mut session = session_on(Box::new(Fragile { inner: Cpu::fast(), runs: 0 }), 1, 8);
    let first = session.submit(request("AB", 30), 0.0).unwrap();
    let second = session.submit(request("CD", 30), 0.0).unwrap();
    let events = drain(&mut session);
    for id in [first, second] {
        let last = answer(&events, id).1;
        assert!(matches!(last, Event::Failed(SessionError::Backend(BackendError::DeviceLost { .. }))), "{last:?}");
    }
}

/// A model whose every weight is NaN.
fn broken(backend: &mut dyn Backend) -> Decoder {
    let (config, precision) = (Config::small_llama(), Precision::uniform(WeightType::F32));
    let mut loader = Loader::new(&config, 64, MatrixOrder::OutputFirst, precision, backend).unwrap();
    let wanted: Vec<_> = loader.wanted().map(|(name, shape)| (name.to_owned(), shape.to_vec())).collect();
    for (name, shape) in wanted {
        loader.push(backend, &name, &shape, 0, &vec![f32::NAN; shape.iter().product()]).unwrap();
    }
    loader.finish(backend).unwrap()
}

#[test]
fn logits_without_a_number_fail_the_request() {
    for cpu in [Cpu::reference(), Cpu::fast()] {
        let mut backend: Box<dyn Backend> = Box::new(cpu);
        let decoder = broken(backend.as_mut());
        let mut session = session_of(decoder, backend, 1, 8);
        // The device chooses, logits are read for their log-probabilities, logits are read to be drawn from.
        let sampling = Sampling { temperature: 1.0, ..Sampling::GREEDY };
        let requests = [
            request("AB", 5),
            Request { logprobs: Some(2), ..request("AB", 5) },
            Request { sampling, ..request("AB", 5) },
        ];
        for request in requests {
            let id = session.submit(request, 0.0).unwrap();
            let (text, last) = answer(&drain(&mut session), id);
            assert_eq!((text.as_str(), last), ("", Event::Failed(SessionError::Model(SamplingError::NoNumber))));
            assert_eq!(session.load(), (0, 0));
        }
    }
}
