#![allow(clippy::unwrap_used)]
use std::collections::{BTreeMap, BTreeSet};

use super::arithmetic::{Addition, DIGITS, DIGITS_BEYOND};
use super::python::{Task, examples, tasks};
use super::stories::{Mood, Sentiment, sentiment, story, vocabulary};
use super::*;
use crate::reference::hash;

fn short(text: &str) -> String {
    hash(text.as_bytes())[..6].iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn stories_have_the_sentiment_that_they_were_written_with() {
    let mut random = Random::new(1);
    let mut means = Vec::new();
    for mood in Mood::ALL {
        let mut sum = 0;
        for _ in 0..500 {
            let story = story(mood, 1 + random.below(5), &mut random);
            let found = sentiment(&story.text);
            assert_eq!(found.violations, 0, "{}", story.text);
            assert_eq!(found.sentences as usize, story.text.matches('.').count());
            assert!(story.text.split(' ').all(|word| vocabulary().contains(&word)));
            sum += found.valence;
        }
        means.push(f64::from(sum) / 500.0);
    }
    assert!(means[0] > 2.0 && means[1].abs() < 0.5 && means[2] < -2.0, "{means:?}");
    assert!(vocabulary().len() < 256 && vocabulary().iter().collect::<BTreeSet<_>>().len() == vocabulary().len());
}

#[test]
fn negation_turns_the_next_valence_and_faults_are_counted() {
    let of = |text: &str| {
        let Sentiment { valence, violations, sentences } = sentiment(text);
        (valence, violations, sentences)
    };
    assert_eq!(of("anna is happy ."), (1, 0, 1));
    assert_eq!(of("anna is not happy ."), (-1, 0, 1));
    assert_eq!(of("anna is not very awful and the dog laughs gladly ."), (5, 0, 1));
    assert_eq!(of("anna is not very awful and the dog is not kind ."), (1, 0, 1));
    assert_eq!(of("anna is happy"), (1, 1, 0));
    assert_eq!(of("happy anna ."), (1, 3, 1));
    assert_eq!(of("the anna is zebra happy ."), (1, 2, 1));
    assert_eq!(of(""), (0, 1, 0));
    assert_eq!(sentiment("anna is happy").score(), 0);
}

#[test]
fn additions_are_verified_exactly_and_kept_apart() {
    let mut random = Random::new(2);
    let mut carries = BTreeSet::new();
    for split in [Split::Train, Split::Validation, Split::Test] {
        for _ in 0..300 {
            let addition = Addition::random(DIGITS, split, &mut random);
            assert_eq!(
                (addition.split(), Addition { left: addition.right, right: addition.left }.split()),
                (split, split)
            );
            assert!((10..10_000).contains(&addition.left) && (10..10_000).contains(&addition.right));
            for scratchpad in [false, true] {
                let answer = addition.answer(scratchpad);
                assert!(addition.accepts(&answer), "{} {answer}", addition.prompt());
                assert!(!addition.accepts(&(answer.clone() + "0")) && !addition.accepts(""));
            }
            carries.insert(addition.carries());
        }
    }
    assert_eq!(carries, BTreeSet::from([0, 1, 2, 3, 4]));
    let addition = Addition { left: 38, right: 27 };
    assert_eq!((addition.prompt().as_str(), addition.answer(true).as_str()), ("38+27=", "8+7=15 3+2+1=6 =65"));
    assert!(addition.accepts("65\n") && addition.accepts("anything =65") && !addition.accepts("=65 ="));
    let beyond = Addition::random(DIGITS_BEYOND, Split::Test, &mut random);
    assert!(beyond.left >= 10_000 && beyond.left < 100_000);
}

#[test]
fn there_are_enough_tasks_in_enough_families() {
    let tasks = tasks();
    let families: BTreeSet<&str> = tasks.iter().map(|task| task.family).collect();
    let names: BTreeSet<&str> = tasks.iter().map(|task| task.name.as_str()).collect();
    assert_eq!(names.len(), tasks.len(), "names are unique");
    assert!(tasks.len() >= 200 && families.len() >= 12, "{} in {}", tasks.len(), families.len());
    let held_out: BTreeSet<&str> = tasks.iter().filter(|task| task.is_held_out()).map(|task| task.family).collect();
    assert!(held_out.len() >= 3 && held_out.len() == python::HELD_OUT.len());
    for task in &tasks {
        let classes: BTreeSet<&str> = task.solutions.iter().map(|solution| solution.class).collect();
        let bodies: BTreeSet<&str> = task.solutions.iter().map(|solution| solution.body.as_str()).collect();
        assert!(classes.len() == 3 && bodies.len() == 3, "{}", task.name);
        assert!(task.split() == Split::Test || !task.is_held_out());
        let whole = task.program(&task.solutions[0]);
        assert!(!whole.contains("{k}") && !whole.contains("{r}") && !whole.contains("{what}"), "{whole}");
    }
    for split in [Split::Train, Split::Validation, Split::Test] {
        let count = tasks.iter().filter(|task| task.split() == split).count();
        println!("{split:?}: {count} tasks");
        assert!(count >= 15, "{split:?}: {count}");
    }
    println!("{} tasks, {} families, held out {held_out:?}", tasks.len(), families.len());
}

#[test]
fn solutions_are_shown_equally_often_in_every_split() {
    for split in [Split::Train, Split::Validation, Split::Test] {
        let tasks: Vec<Task> = tasks().into_iter().filter(|task| task.split() == split).collect();
        let all = examples(split, 2 * 3 * tasks.len(), &mut Random::new(3));
        let mut counts = BTreeMap::new();
        for example in &all {
            *counts.entry((example.task.clone(), example.solution)).or_insert(0) += 1;
        }
        assert_eq!(counts.len(), 3 * tasks.len());
        assert!(counts.values().all(|count| *count == 2), "{split:?}");
        assert!(all.iter().all(|example| example.prompt.ends_with("):") && example.answer.starts_with("\n    ")));
    }
}

/// The bytes of each generator: a change here is a change of every recipe that learns from it.
#[test]
fn a_seed_gives_the_same_text_for_good() {
    let mut random = Random::new(20_261_124);
    let stories: String = (0..200).map(|at| story(Mood::ALL[at % 3], 3, &mut random).text + "\n").collect();
    let sums: String = (0..200)
        .map(|_| Addition::random(DIGITS, Split::Train, &mut random))
        .map(|addition| addition.prompt() + &addition.answer(true) + "\n")
        .collect();
    let python: String =
        examples(Split::Train, 2000, &mut random).into_iter().map(|example| example.prompt + &example.answer).collect();
    let calls: String = tasks().iter().flat_map(|task| task.calls(20, 2, &mut random)).collect();
    assert_eq!(
        [stories, sums, python, calls].map(|text| short(&text)),
        ["a67440ae7fec", "67cb02f2723a", "089609fa938d", "8f9359b69327"]
    );
}

/// Every program with calls, as lines of JSON, for whoever wants to run them.
#[test]
#[ignore = "writes the file that FRUGAL_TASKS names"]
fn programs_can_be_written_out() {
    let path = std::env::var("FRUGAL_TASKS").unwrap();
    let mut random = Random::new(4);
    let mut lines = String::new();
    for task in tasks() {
        let programs: Vec<String> = task.solutions.iter().map(|solution| task.program(solution)).collect();
        let calls: BTreeMap<String, Vec<String>> = [0, 1, 2, 7, 30, 120]
            .into_iter()
            .map(|size| (size.to_string(), task.calls(size, 3, &mut random)))
            .collect();
        let value =
            serde_json::json!({ "name": task.name, "family": task.family, "programs": programs, "calls": calls });
        lines += &format!("{value}\n");
    }
    std::fs::write(path, lines).unwrap();
}
