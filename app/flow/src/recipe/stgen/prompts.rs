//! What the model is told. Every answer has a form that can be read strictly.

use frugal_bench::suite::coffe::Problem;

use crate::recipe::desk::{Speaker, Turn};

const ASSERTER: &str = "You state what the arguments of a function must satisfy. You write one Python assertion at a time and \
    are sure that every allowed call satisfies it.";
const STRESSER: &str =
    "You write inputs on which a program has to work hard, and which it is still allowed to be given.";

fn conversation(role: &str, text: String) -> Vec<Turn> {
    vec![Turn { speaker: Speaker::System, text: role.to_owned() }, Turn { speaker: Speaker::User, text }]
}

fn task(problem: &Problem) -> String {
    format!(
        "# Task\n{}\n\n# A correct solution\n```python\n{}\n```",
        problem.prompt.trim(),
        problem.best_solution.trim_end()
    )
}

fn list(title: &str, lines: &[String]) -> String {
    if lines.is_empty() { String::new() } else { format!("\n\n# {title}\n{}", lines.join("\n")) }
}

pub(super) fn contract(problem: &Problem, known: &[String], kept: &[String], refused: &[String]) -> Vec<Turn> {
    let text = format!(
        "Write one more assertion on the arguments of `solution`, checked before it runs: a type, a range, a relation between \
         arguments, a property of their items. It names parameters of `solution`, calls nothing but what Python or the \
         solution imports, and does not call `solution`. Answer with one fenced block that holds this one `assert` statement \
         and nothing else, or with the word NONE in it if there is nothing left to assert.\n\n{}{}{}{}",
        task(problem),
        list("Arguments that are allowed", known),
        list("Assertions that are there already", kept),
        list("Assertions that could not be used", refused),
    );
    conversation(ASSERTER, text)
}

pub(super) fn inputs(problem: &Problem, contracts: &[String], shown: &[String], count: u32) -> Vec<Turn> {
    let text = format!(
        "Write {count} inputs for `solution` that differ from each other and from the ones below, have the same form, and cost \
         a program for this task far more: more items, larger numbers, the worst arrangement you can think of. No list and no \
         text longer than ten thousand items. Write one input a line inside one fenced block, as a short Python expression for \
         the list of all arguments, such as `[list(range(9000, 0, -1)), 3]`. Built-in functions and the module `random` \
         only.\n\n{}{}{}",
        task(problem),
        list("What arguments must satisfy", contracts),
        list("Inputs that are there already, some of them", shown),
    );
    conversation(STRESSER, text)
}
