use frugal_model::config::Config;
use frugal_tensor::{Cpu, Optimiser};
use frugal_train::data::{PairTokens, ResponseTokens};
use frugal_train::{Decay, Optimise, Schedule, Settings, Sizes};

use super::*;

fn settings(sequences: usize, time: usize, learning_rate: f64) -> Settings {
    Settings {
        sizes: Sizes { sequences, time, logit_rows: 8, recompute: false },
        optimise: Optimise::new(Optimiser::AdamW, learning_rate),
        schedule: Schedule { warmup_steps: 2, decay: Decay::Constant },
        steps: 40,
        clip_norm: Some(1.0),
        frozen: Vec::new(),
        lora: None,
    }
}

fn session(learning: Learning, settings: Settings) -> TrainingSession {
    let config = Config::small_llama();
    let setup = Setup { config: &config, start: Start::Drawn { seed: 3 }, learning, settings, accumulate: 1, seed: 5 };
    TrainingSession::new(setup, Box::new(Cpu::training())).unwrap()
}

/// Windows of a text in which each token follows from the one before.
fn text() -> Learning {
    let window = |start: u32| (0..13).map(|at| (start + 5 * at) % 48).collect();
    Learning::Text(Split { learnt: (0..30).map(window).collect(), held_out: (30..37).map(window).collect() })
}

/// Pairs whose chosen answer is 7, and whose rejected answer is longer.
fn pairs(objective: Preference) -> Learning {
    let pair = |line: usize| {
        let prompt = vec![u32::try_from(line % 40).unwrap(), 1];
        PairTokens { line, prompt, chosen: vec![7, 0], rejected: vec![9, 9, 0] }
    };
    let examples = Split { learnt: (0..20).map(pair).collect(), held_out: (20..25).map(pair).collect() };
    Learning::Pairs { objective, examples }
}

#[test]
fn a_text_is_learnt_and_what_was_kept_apart_as_well() {
    let mut session = session(text(), settings(4, 12, 1e-2));
    let before = session.evaluate().unwrap().unwrap();
    assert!((before.loss - 48_f64.ln()).abs() < 0.05, "{before:?}");
    assert_eq!(before.tokens, 7 * 12);
    let reports: Vec<Report> = (0..40).map(|_| session.step().unwrap()).collect();
    assert_eq!((reports[39].step, session.tokens()), (40, 40 * 4 * 12));
    let after = session.evaluate().unwrap().unwrap();
    assert!(after.loss < 0.5 * before.loss, "{} from {}", after.loss, before.loss);
}

#[test]
fn a_resumed_run_is_the_unbroken_one_to_the_bit() {
    let mut whole = session(text(), settings(4, 12, 1e-2));
    (0..20).for_each(|_| drop(whole.step().unwrap()));
    let mut first = session(text(), settings(4, 12, 1e-2));
    (0..10).for_each(|_| drop(first.step().unwrap()));
    let checkpoint = first.checkpoint().unwrap();
    let mut second = session(text(), settings(4, 12, 1e-2));
    second.resume(&checkpoint).unwrap();
    assert_eq!(second.tokens(), 10 * 48);
    (0..10).for_each(|_| drop(second.step().unwrap()));
    assert_eq!(second.weights().unwrap(), whole.weights().unwrap());
    assert_eq!(second.checkpoint().unwrap(), whole.checkpoint().unwrap());
}

#[test]
fn a_checkpoint_of_another_order_is_refused() {
    let mut first = session(text(), settings(4, 12, 1e-2));
    let checkpoint = first.checkpoint().unwrap();
    let config = Config::small_llama();
    let start = Start::Drawn { seed: 3 };
    let setup =
        Setup { config: &config, start, learning: text(), settings: settings(4, 12, 1e-2), accumulate: 1, seed: 6 };
    let mut other = TrainingSession::new(setup, Box::new(Cpu::training())).unwrap();
    let message = other.resume(&checkpoint).unwrap_err().to_string();
    assert!(message.contains("seed 5, this run has 6"), "{message}");
    assert!(other.resume(&checkpoint[..checkpoint.len() / 2]).is_err());
}

#[test]
fn every_preference_begins_at_ln_2_and_parts_the_answers() {
    let all = [
        Preference::Dpo { beta: 0.5 },
        Preference::FDpo { beta: 0.5, divergence: Divergence::ForwardKl },
        Preference::FDpo { beta: 0.5, divergence: Divergence::JensenShannon },
        Preference::Tdpo1 { beta: 0.5 },
        Preference::Tdpo2 { beta: 0.5, alpha: 0.5 },
    ];
    for objective in all {
        let mut session = session(pairs(objective), settings(8, 6, 3e-3));
        let before = session.evaluate().unwrap().unwrap();
        assert!((before.loss - 2_f64.ln()).abs() < 1e-5, "{objective:?}: {before:?}");
        // Five pairs of two and three response tokens, the last of them alone in its batch.
        assert_eq!(before.tokens, 5 * 5);
        (0..30).for_each(|_| drop(session.step().unwrap()));
        let after = session.evaluate().unwrap().unwrap();
        assert!(after.loss < 0.6, "{objective:?}: {after:?}");
    }
}

#[test]
fn answers_are_learnt_and_prompts_are_not() {
    let example = |line: usize| ResponseTokens {
        line,
        prompt: vec![u32::try_from(line % 40).unwrap(); 3],
        response: vec![11, 0],
    };
    let split = Split { learnt: (0..16).map(example).collect(), held_out: vec![] };
    let mut session = session(Learning::Answers(split), settings(4, 6, 1e-2));
    assert_eq!(session.evaluate().unwrap(), None);
    let reports: Vec<Report> = (0..30).map(|_| session.step().unwrap()).collect();
    assert_eq!(reports[0].tokens, 4 * 2);
    assert!(reports[29].loss < 0.1, "{:?}", reports[29]);
    let written = session.sample(&[5, 5, 5], 4, &[0], &frugal_decode::Sampling::GREEDY).unwrap();
    assert_eq!(written, [11, 0]);
}

#[test]
fn what_cannot_be_learnt_is_refused_before_anything_is_allocated() {
    let refusal = |learning: Learning, settings: Settings| {
        let config = Config::small_llama();
        let start = Start::Drawn { seed: 3 };
        let setup = Setup { config: &config, start, learning, settings, accumulate: 1, seed: 5 };
        TrainingSession::new(setup, Box::new(Cpu::training())).err().unwrap().to_string()
    };
    let odd = refusal(pairs(Preference::Dpo { beta: 0.1 }), settings(3, 6, 1e-3));
    assert!(odd.contains("a batch of 3 sequences holds no whole pairs"), "{odd}");
    let beta = refusal(pairs(Preference::Dpo { beta: 0.0 }), settings(4, 6, 1e-3));
    assert!(beta.contains("beta is 0"), "{beta}");
    let long = refusal(text(), settings(4, 8, 1e-3));
    assert!(long.contains("an example of 12 tokens in sequences of 8"), "{long}");
    let none = refusal(Learning::Text(Split { learnt: vec![], held_out: vec![vec![1, 2]] }), settings(4, 8, 1e-3));
    assert!(none.contains("no example to learn from"), "{none}");
}

#[test]
fn a_share_is_kept_apart_and_something_is_left() {
    let split = Split::cut((0..10).collect::<Vec<u32>>(), 0.2, 1);
    assert_eq!((split.learnt.len(), split.held_out.len()), (8, 2));
    let one = Split::cut(vec![1], 0.5, 1);
    assert_eq!((one.learnt.len(), one.held_out.len()), (1, 0));
}
