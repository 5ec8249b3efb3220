//! What the model is told. Every answer has a form that can be read strictly.

use super::Task;
use super::candidates::Candidate;
use super::verify::Failure;
use crate::recipe::desk::{Speaker, Turn};

fn conversation(role: &str, text: String) -> Vec<Turn> {
    vec![Turn { speaker: Speaker::System, text: role.to_owned() }, Turn { speaker: Speaker::User, text }]
}

const ANALYST: &str = "You write exact specifications for programmers. You describe what a function has to do and never how: \
    no code, no algorithm, no hint at one.";
const REVIEWER: &str = "You compare texts word by word and trust nothing that you have not checked. You always end with one \
    line that holds your verdict in exactly the form asked for.";
const DESIGNER: &str = "You are a tester. You choose inputs that tell a right program from one that is almost right.";
const CALCULATOR: &str = "You work out results by hand, step by step, from a specification. You write no program.";
const ALGORIST: &str = "You design algorithms. You think about growth with the size of the input and write pseudocode, never \
    code of a programming language.";
const ADVISER: &str = "You know what makes Python programs fast and slow: interpreter overhead, built-in functions, data \
    structures, copies, allocation.";
const PROGRAMMER: &str = "You write correct, fast Python 3 with nothing but its standard library. You answer with exactly one \
    fenced block of Python that holds the whole program: imports, helpers and the function, no examples, no tests, no output.";

pub(super) fn formalise(task: &Task, objection: Option<&str>) -> Vec<Turn> {
    let mut text = format!(
        "Turn this task into a specification under the headings Function, Parameters, Result, Conditions, Edge cases and \
         Behaviour. Give the type and the range of each parameter and of the result. Leave nothing out that the task says, and \
         add nothing that it does not.\n\n# Task\n{}",
        task.text()
    );
    if let Some(objection) = objection {
        text.push_str(&format!("\n\n# What was wrong with an earlier specification\n{objection}"));
    }
    conversation(ANALYST, text)
}

pub(super) fn self_check(task: &Task, specification: &str) -> Vec<Turn> {
    let text = format!(
        "Does the specification ask for the same function as the task? Look for anything lost, added or changed. If it \
         differs, say in what, in a few sentences. End with the line `VERDICT: SAME` or the line `VERDICT: DIFFERENT`.\n\n\
         # Task\n{}\n\n# Specification\n{specification}",
        task.text()
    );
    conversation(REVIEWER, text)
}

pub(super) fn design(specification: &str, count: u32, known: &[String]) -> Vec<Turn> {
    let mut text = format!(
        "Choose {count} inputs for tests of this function: ordinary ones, the smallest, borders between cases, repeated and \
         equal values, and whatever is easily forgotten. Keep each one small enough to work out its result by hand. Write one \
         input a line inside one fenced block, as the Python list of all arguments: a function of one list is called with \
         `[[1, 2]]`. Literals only: no names, no calls, no comments.\n\n# Specification\n{specification}"
    );
    if !known.is_empty() {
        text.push_str(&format!("\n\n# Inputs that are there already\n{}", known.join("\n")));
    }
    conversation(DESIGNER, text)
}

pub(super) fn calculate(specification: &str, inputs: &[String]) -> Vec<Turn> {
    let numbered: Vec<String> = inputs.iter().enumerate().map(|(at, input)| format!("{}: {input}", at + 1)).collect();
    let text = format!(
        "Work out what the function returns for each of these lists of arguments. End with one fenced block that holds one \
         line for each, `NUMBER => RESULT`, such as `3 => [1, 2]`, with the result as a Python literal. Leave out a line rather \
         than guess.\n\n# Specification\n{specification}\n\n# Arguments\n{}",
        numbered.join("\n")
    );
    conversation(CALCULATOR, text)
}

pub(super) fn algorithms(specification: &str, count: u32) -> Vec<Turn> {
    let text = format!(
        "Propose {count} algorithms for this function that differ in their idea, each as cheap as you can make it in time for \
         large inputs. Begin each with a line `### Algorithm NUMBER: NAME`, then give its key idea, its pseudocode, and how its \
         cost grows.\n\n# Specification\n{specification}"
    );
    conversation(ALGORIST, text)
}

pub(super) fn advice(specification: &str, algorithm: &str) -> Vec<Turn> {
    let text = format!(
        "List at least twenty suggestions for writing this algorithm in Python so that it costs little: which built-in \
         functions, types and modules to use for which step, which loops, copies and lookups to avoid. One line each. Do not \
         change the algorithm and do not write the program.\n\n# Specification\n{specification}\n\n{algorithm}"
    );
    conversation(ADVISER, text)
}

/// A program for a specification, with whatever is known of how.
pub(super) fn implement(task: &Task, specification: &str, algorithm: Option<&str>, advice: Option<&str>) -> Vec<Turn> {
    let mut text = format!(
        "Write the function `{}` as specified. It has to be right first, and then as cheap as possible for large \
         inputs.\n\n# Specification\n{specification}",
        task.entry_point
    );
    if let Some(algorithm) = algorithm {
        text.push_str(&format!("\n\n# Algorithm to use\n{algorithm}"));
    }
    if let Some(advice) = advice {
        text.push_str(&format!("\n\n# Suggestions; use those that help\n{advice}"));
    }
    conversation(PROGRAMMER, text)
}

pub(super) fn programs(task: &Task, specification: &str, count: u32) -> Vec<Turn> {
    let role = "You write correct, fast Python 3 with nothing but its standard library. Each program that you write stands in \
        a fenced block of its own, whole: imports, helpers and the function, no examples, no tests, no output.";
    let text = format!(
        "Write {count} programs for the function `{}` that differ in how they work, each as cheap as you can make it for large \
         inputs.\n\n# Specification\n{specification}",
        task.entry_point
    );
    conversation(role, text)
}

pub(super) fn plain(task: &Task) -> Vec<Turn> {
    let text = format!("Write this Python function. Answer with one fenced block of Python.\n\n{}", task.text());
    vec![Turn { speaker: Speaker::User, text }]
}

pub(super) fn step_by_step(task: &Task) -> Vec<Turn> {
    let text = format!(
        "Write this Python function so that it is right and costs little time. Think step by step first: what is asked, which \
         algorithms there are, how the cost of each grows, which one is best and how to write it well. Then answer with one \
         fenced block of Python.\n\n{}",
        task.text()
    );
    vec![Turn { speaker: Speaker::User, text }]
}

pub(super) fn judge(task: &Task, specification: &str, arguments: &str, expected: &str) -> Vec<Turn> {
    let text = format!(
        "Somebody claims that the function, called with the arguments `{arguments}`, returns `{expected}`. Work out from the \
         task what it returns, and whether the arguments are allowed at all. End with the line `VERDICT: VALID` if the claim \
         holds, with `VERDICT: INVALID` if it does not, or with `VERDICT: UNSURE` if the task does not decide it.\n\n\
         # Task\n{}\n\n# Specification\n{specification}",
        task.text()
    );
    conversation(REVIEWER, text)
}

pub(super) fn repair(specification: &str, candidate: &Candidate, failures: &[Failure]) -> Vec<Turn> {
    let failures: Vec<String> = failures
        .iter()
        .map(|failure| {
            format!("- called with {}: expected {}, but {}", failure.arguments, failure.expected, failure.got)
        })
        .collect();
    let text = format!(
        "This program fails tests. Correct it without changing its algorithm or making it dearer.\n\n\
         # Specification\n{specification}\n\n# Program\n```python\n{}```\n\n# Failed tests\n{}",
        candidate.code,
        failures.join("\n")
    );
    conversation(PROGRAMMER, text)
}

pub(super) fn large_inputs(specification: &str, count: u32) -> Vec<Turn> {
    let text = format!(
        "Choose {count} large inputs on which a slow program for this function costs much more than a fast one: thousands of \
         items, or numbers as large as the specification allows, in the worst arrangement that you can think of. Write one \
         input a line inside one fenced block, as a short Python expression for the list of all arguments, such as \
         `[[(i * 7919) % 10007 for i in range(5000)]]`. Built-in functions only.\n\n# Specification\n{specification}"
    );
    conversation(DESIGNER, text)
}

pub(super) fn choose(specification: &str, programs: &[&str]) -> Vec<Turn> {
    let listed: Vec<String> =
        programs.iter().enumerate().map(|(at, code)| format!("## Program {}\n```python\n{code}```", at + 1)).collect();
    let text = format!(
        "Which of these programs is right and costs least for large inputs? Compare how their costs grow first, then how they \
         use Python. End with one line `VERDICT: NUMBER`.\n\n# Specification\n{specification}\n\n{}",
        listed.join("\n\n")
    );
    conversation(REVIEWER, text)
}

pub(super) fn rewrite(specification: &str, code: &str) -> Vec<Turn> {
    let text = format!(
        "Rewrite this program so that it costs as little as possible for large inputs and does the same.\n\n\
         # Specification\n{specification}\n\n# Program\n```python\n{code}```"
    );
    conversation(PROGRAMMER, text)
}
