#![allow(clippy::unwrap_used)]
use std::task::Waker;

use frugal_model::config::Config;
use frugal_model::decoder::{Precision, WeightType};
use frugal_tensor::{Cpu, MemoryUse};

use super::*;

fn generator(slots: usize, chunk: usize, backend: &mut dyn Backend) -> Generator {
    let decoder = Decoder::random(&Config::small_llama(), 64, Precision::uniform(WeightType::F32), 5, backend).unwrap();
    Generator::new(decoder, Limits { slots, context: 40, chunk, cache: DType::F32 }, backend).unwrap()
}

fn request(prompt: &[u32], max_tokens: usize) -> SequenceRequest {
    SequenceRequest { prompt: prompt.to_vec(), max_tokens, end: vec![], sampling: Sampling::GREEDY, logprobs: None }
}

/// Runs until nothing is left to do; the clock ticks a millisecond at each look.
fn drain(generator: &mut Generator, backend: &mut dyn Backend) -> Vec<SequenceEvent> {
    let mut events = Vec::new();
    let mut now = 0.0;
    let mut clock = || {
        now += 1.0;
        now
    };
    while generator.running() > 0 {
        let mut context = Context::from_waker(Waker::noop());
        if let Poll::Ready(result) = generator.poll(backend, &mut context, &mut clock, &mut events) {
            result.unwrap();
        }
    }
    events
}

fn tokens(events: &[SequenceEvent], of: SequenceId) -> Vec<u32> {
    let token = |event: &SequenceEvent| match event {
        SequenceEvent::Token { id, token, .. } if *id == of => Some(*token),
        _ => None,
    };
    events.iter().filter_map(token).collect()
}

fn alone(prompt: &[u32], max_tokens: usize, chunk: usize) -> Vec<u32> {
    let mut cpu = Cpu::fast();
    let mut generator = generator(1, chunk, &mut cpu);
    let id = generator.start(request(prompt, max_tokens), 0.0).unwrap();
    tokens(&drain(&mut generator, &mut cpu), id)
}

const PROMPT: [u32; 11] = [3, 17, 4, 4, 47, 0, 9, 21, 33, 12, 8];

#[test]
fn chunks_and_company_change_no_token() {
    let want = alone(&PROMPT, 20, 64);
    assert_eq!(want.len(), 20);
    for chunk in [1, 3, 11] {
        assert_eq!(alone(&PROMPT, 20, chunk), want, "chunks of {chunk}");
    }
    let mut cpu = Cpu::fast();
    let mut generator = generator(3, 4, &mut cpu);
    let first = generator.start(request(&PROMPT, 20), 0.0).unwrap();
    let second = generator.start(request(&[7, 7], 9), 0.0).unwrap();
    let third = generator.start(request(&PROMPT[..5], 12), 0.0).unwrap();
    let error = generator.start(request(&PROMPT, 1), 0.0).unwrap_err();
    assert_eq!(error, GenerateError::Busy { slots: 3 });
    let events = drain(&mut generator, &mut cpu);
    assert_eq!(tokens(&events, first), want);
    assert_eq!(tokens(&events, second), alone(&[7, 7], 9, 64));
    assert_eq!(tokens(&events, third), alone(&PROMPT[..5], 12, 64));
}

#[test]
fn a_slot_is_used_again_and_a_cancel_is_immediate() {
    let mut cpu = Cpu::fast();
    let mut generator = generator(1, 64, &mut cpu);
    let first = generator.start(request(&PROMPT, 20), 0.0).unwrap();
    let mut events = Vec::new();
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..5 {
        assert!(generator.poll(&mut cpu, &mut context, &mut || 1.0, &mut events).is_ready());
    }
    assert_eq!(tokens(&events, first).len(), 5);
    assert_eq!(generator.cancel(first).unwrap().tokens, 5);
    assert!(generator.cancel(first).is_none());
    // What the first left in the cache is not seen.
    let second = generator.start(request(&PROMPT[..5], 12), 0.0).unwrap();
    assert_eq!(tokens(&drain(&mut generator, &mut cpu), second), alone(&PROMPT[..5], 12, 64));
}

#[test]
fn sequences_end_as_they_should() {
    let greedy = alone(&PROMPT, 20, 64);
    let finish = |change: &dyn Fn(&mut SequenceRequest)| {
        let mut cpu = Cpu::fast();
        let mut generator = generator(1, 64, &mut cpu);
        let mut request = request(&PROMPT, 20);
        change(&mut request);
        let id = generator.start(request, 0.0).unwrap();
        let events = drain(&mut generator, &mut cpu);
        let Some(SequenceEvent::Token { finish: Some((finish, timeline)), .. }) = events.last() else { panic!() };
        assert_eq!(timeline.tokens, tokens(&events, id).len());
        (*finish, timeline.tokens)
    };
    assert_eq!(finish(&|_| {}), (Finish::Length, 20));
    let first_of_third = greedy.iter().position(|token| *token == greedy[2]).unwrap();
    assert_eq!(finish(&|request| request.end = vec![greedy[2]]), (Finish::End, first_of_third + 1));
    // 40 positions: 11 of the prompt, 29 of the answer, and one token more that needs no position.
    assert_eq!(finish(&|request| request.max_tokens = 1000), (Finish::ContextFull, 30));
}

#[test]
fn sampling_agrees_with_the_devices_choice() {
    let want = alone(&PROMPT, 20, 64);
    let mut cpu = Cpu::fast();
    let mut generator = generator(2, 64, &mut cpu);
    // Reading logits, for log-probabilities or because a neighbour samples, gives the same greedy tokens.
    let logged = SequenceRequest { logprobs: Some(3), ..request(&PROMPT, 20) };
    let id = generator.start(logged, 0.0).unwrap();
    let sampling = Sampling { temperature: 1.0, seed: 4, ..Sampling::GREEDY };
    let other = generator.start(SequenceRequest { sampling, ..request(&PROMPT, 20) }, 0.0).unwrap();
    let events = drain(&mut generator, &mut cpu);
    assert_eq!(tokens(&events, id), want);
    assert_ne!(tokens(&events, other), want);
    for event in events {
        let SequenceEvent::Token { token, logprobs: Some((own, top)), .. } = event else { continue };
        assert_eq!((own.token, top[0].token, top.len()), (token, token, 3));
        assert!(own.logprob <= 0.0 && own.logprob == top[0].logprob && top[1].logprob <= top[0].logprob);
    }
}

#[test]
fn bad_requests_are_refused() {
    let mut cpu = Cpu::fast();
    let mut generator = generator(1, 64, &mut cpu);
    let mut refused = |prompt: &[u32], max_tokens| generator.start(request(prompt, max_tokens), 0.0).unwrap_err();
    assert_eq!(refused(&[], 1), GenerateError::EmptyPrompt);
    assert_eq!(refused(&[1], 0), GenerateError::NoTokens);
    assert_eq!(refused(&[1; 40], 1), GenerateError::PromptTooLong { prompt: 40, context: 40 });
    assert_eq!(refused(&[48], 1), GenerateError::UnknownToken { token: 48, vocabulary: 48 });
    let sampling = Sampling { top_p: 2.0, ..Sampling::GREEDY };
    let error = generator.start(SequenceRequest { sampling, ..request(&[1], 1) }, 0.0).unwrap_err();
    assert!(matches!(error, GenerateError::Sampling(_)));
    assert_eq!(generator.running(), 0);
}

#[test]
fn bytes_are_accounted_for() {
    let mut cpu = Cpu::fast();
    let generator = generator(3, 16, &mut cpu);
    // Two layers, keys and values, three slots of 40 positions, two heads of eight f32.
    let want = 2 * 2 * 3 * 40 * 2 * 8 * 4;
    assert_eq!((generator.cache().bytes(), cpu.memory().cache_bytes), (want, want));
    assert_eq!(generator.decoder().cache_elements_per_token() * 4 * 3 * 40, want);
    generator.free(&mut cpu).unwrap();
    assert_eq!(cpu.memory(), MemoryUse::default());
}
