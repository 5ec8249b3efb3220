#![allow(clippy::unwrap_used)]

use frugal_fuel::{Meter, RunnerIdentity};
use frugal_guests::parse_arguments;

use super::desk::{Desk, Halt, each};
use super::reply::{data_lines, sections, verdict};
use super::value::agrees;
use super::{Answer, Speaker, Step, Tokens, Turn};

const WORDS: [(&str, u8); 3] = [("VALID", 1), ("INVALID", 2), ("UNSURE", 3)];

#[test]
fn a_verdict_is_one_word_of_the_list_or_none() {
    for (answer, want) in [
        ("VERDICT: VALID", Some(1)),
        ("It is not valid at all.\nVERDICT: INVALID", Some(2)),
        ("text\n**VERDICT: UNSURE**\n", Some(3)),
        ("`VERDICT: VALID.`", Some(1)),
        ("VERDICT: VALID\nso\nVERDICT: VALID", Some(1)),
        ("VERDICT: VALID\nno, wait\nVERDICT: INVALID", None),
        ("VERDICT: NO", None),
        ("VERDICT: VALID OR INVALID", None),
        ("VERDICT: valid", None),
        ("the verdict is VALID", None),
        ("I say VERDICT: VALID", None),
        ("", None),
    ] {
        assert_eq!(verdict(answer, &WORDS), want, "{answer}");
    }
}

#[test]
fn lines_and_sections_are_read() {
    assert_eq!(data_lines("so:\n```python\n[1]\n\n [2]\n```\nyes"), ["[1]", "[2]"]);
    assert_eq!(data_lines("[1]\n[2]"), ["[1]", "[2]"]);
    assert_eq!(data_lines("```\n[1]"), ["[1]"], "an open fence reaches to the end");
    let text = "intro\n### Algorithm 1: a\nx\n### Algorithm 2: empty\n\n### Algorithm 3: c\ny\nz";
    assert_eq!(sections(text, "### Algorithm", 5), ["### Algorithm 1: a\nx", "### Algorithm 3: c\ny\nz"]);
    assert_eq!(sections(text, "### Algorithm", 1).len(), 1);
}

#[test]
fn results_agree_as_python_compares_them() {
    let agree = |a: &str, b: &str| {
        let one = |text: &str| parse_arguments(&format!("[{text}]")).unwrap().remove(0);
        agrees(&one(a), &one(b))
    };
    for (a, b) in [
        ("(1, [2])", "[1, (2,)]"),
        ("2", "2.0"),
        ("True", "1"),
        ("0.30000000000000004", "0.3"),
        ("{1: 'a', 'b': (2,)}", "{'b': [2], 1: 'a'}"),
        ("{1, 2}", "{2, 1}"),
    ] {
        assert!(agree(a, b), "{a} and {b}");
    }
    for (a, b) in
        [("1", "'1'"), ("[1]", "[1, 1]"), ("0.1", "0.1001"), ("None", "0"), ("{1: 2}", "{1: 3}"), ("[]", "{}")]
    {
        assert!(!agree(a, b), "{a} and {b}");
    }
}

fn desk(tokens_max: Option<u64>) -> Desk {
    let identity = RunnerIdentity { engine: "none".into(), meter: Meter::Native, cost_table: "fuel-1" };
    Desk::new(&identity, tokens_max)
}

fn said(text: &str, tokens: u64) -> Answer {
    let tokens = Tokens { prompt: 0, completion: tokens, is_estimate: false };
    Answer::Said { text: text.to_owned(), is_cut: false, tokens, requests: 1, wall_ms: 5 }
}

fn turns(text: &str) -> Vec<Turn> {
    vec![Turn { speaker: Speaker::User, text: text.to_owned() }]
}

/// The one pending question's key.
fn pending(desk: &mut Desk) -> String {
    match desk.take_pending().as_slice() {
        [Step::Ask(question)] => question.key.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn answers_that_cannot_be_used_are_asked_for_again_and_no_more_than_allowed() {
    let mut desk = desk(None);
    let read =
        |text: &str| text.parse::<u32>().map(|number| (number, "a number".to_owned())).map_err(|e| e.to_string());
    let walk = |desk: &mut Desk| {
        desk.begin();
        desk.ask_until("s", "n", 3, &turns("?"), read)
    };
    for text in ["one", "two"] {
        assert_eq!(walk(&mut desk), Err(Halt::Pending));
        let key = pending(&mut desk);
        desk.answered(&key, said(text, 1));
    }
    assert_eq!(walk(&mut desk), Err(Halt::Pending));
    let Step::Ask(third) = desk.take_pending().remove(0) else { panic!("no question") };
    assert!(third.turns[0].text.contains("try 3 of 3"), "{}", third.turns[0].text);
    assert_eq!(third.name, "n, try 3");
    desk.answered(&third.key, said("three", 1));
    assert_eq!(walk(&mut desk), Ok(None), "after three tries there is none");
    assert_eq!(desk.trace().len(), 3);
    assert!(desk.trace().iter().all(|step| step.verdict.starts_with("unusable: ")));
    desk.answered(&third.key, said("3", 1));
    assert_eq!(walk(&mut desk), Ok(Some(3)));
}

#[test]
fn a_spent_budget_asks_nothing_more_and_forgets_nothing() {
    let mut desk = desk(Some(10));
    assert_eq!(desk.ask("s", "first", turns("1")), Err(Halt::Pending));
    let key = pending(&mut desk);
    desk.answered(&key, said("yes", 10));
    desk.begin();
    assert_eq!(desk.ask("s", "first", turns("1")), Ok(Some(("yes".to_owned(), false))));
    assert!(!desk.is_short_of_budget());
    assert_eq!(desk.ask("s", "second", turns("2")), Ok(None));
    assert!(desk.is_short_of_budget());
    assert_eq!(desk.trace()[1].verdict, "not asked: the token budget is spent");
    assert_eq!(desk.take_pending(), []);
    // questions that do not depend on each other wait where the pending ones may use up the budget
    let mut near = self::desk(Some(30));
    near.answered("known", said("yes", 10));
    let asked = each(1..=5, |number| near.ask("s", &number.to_string(), turns("?")));
    assert_eq!((asked, near.take_pending().len()), (Err(Halt::Pending), 2));
    let mut late = self::desk(None);
    late.time_is_up();
    assert_eq!(late.ask("s", "n", turns("1")), Ok(None));
    assert_eq!(late.trace()[0].verdict, "not asked: the time budget is spent");
}

#[test]
fn ways_that_do_not_depend_on_each_other_wait_together() {
    let mut desk = desk(None);
    let walked = each(1..=3, |number| desk.ask("s", &number.to_string(), turns("?")));
    assert_eq!(walked, Err(Halt::Pending));
    assert_eq!(desk.take_pending().len(), 3);
    assert_eq!(each(1..=3, Ok), Ok(vec![1, 2, 3]));
    let failed: Result<Vec<u8>, _> = each(1..=3, |_| Err(Halt::Failed("x".to_owned())));
    assert_eq!(failed, Err(Halt::Failed("x".to_owned())));
}
