//! Small Python tasks, each with three solutions of different cost.
//!
//! A task is a family with a variant: what is selected and what becomes of each element, or a constant. Whole families are
//! held out; of the others the variant decides the split. Within a split every task shows each of its solutions equally often,
//! so that nothing but cost tells them apart.

mod lists;
mod numbers;

use super::{Split, one};
use crate::random::Random;

/// One way to solve a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Solution {
    /// The method, such as `nested` or `sorted`.
    pub class: &'static str,
    /// The function's body, indented, with a line end after it.
    pub body: String,
}

/// A task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Its name, and that of its function.
    pub name: String,
    /// The family it belongs to.
    pub family: &'static str,
    /// What the function gives, such as `the sum of the even numbers`.
    pub sentence: String,
    /// Names of the arguments.
    pub arguments: Vec<&'static str>,
    /// From the dearest to the cheapest on long input.
    pub solutions: [Solution; 3],
    kinds: Vec<Kind>,
}

/// What an argument is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A list as long as the size.
    List,
    /// A number about as large as the size.
    Near,
    /// From 1 to the size.
    UpToSize,
    /// The size times a factor.
    Scaled(usize),
    /// A tenth of the size and 3, which recursion can bear.
    Depth,
}

/// Families that are never learnt from.
pub const HELD_OUT: [&str; 4] = ["distinct_count", "closest_values", "largest_stretch", "power_remainder"];

const VERBS: [&str; 4] = ["Return", "Compute", "Find", "Give"];
const HELD_OUT_VERB: &str = VERBS[0];

/// All tasks, family by family.
pub fn tasks() -> Vec<Task> {
    let mut all = lists::tasks();
    all.extend(numbers::tasks());
    all
}

impl Task {
    /// Whether its whole family is kept from learning.
    pub fn is_held_out(&self) -> bool {
        HELD_OUT.contains(&self.family)
    }

    /// Where it belongs. Tasks of held-out families are for the test alone.
    pub fn split(&self) -> Split {
        if self.is_held_out() { Split::Test } else { Split::of(&self.name) }
    }

    /// The comment and the first line, without its line end: what a model continues.
    pub fn prompt(&self) -> String {
        self.prompt_with(HELD_OUT_VERB)
    }

    fn prompt_with(&self, verb: &str) -> String {
        format!("# {verb} {}.\ndef {}({}):", self.sentence, self.name, self.arguments.join(", "))
    }

    /// A whole program: prompt and solution.
    pub fn program(&self, solution: &Solution) -> String {
        format!("{}\n{}", self.prompt(), solution.body)
    }

    /// Arguments of `count` calls on input of a size, as the Python literals between the parentheses.
    pub fn calls(&self, size: usize, count: usize, random: &mut Random) -> Vec<String> {
        (0..count)
            .map(|_| self.kinds.iter().map(|kind| kind.literal(size, random)).collect::<Vec<_>>().join(", "))
            .collect()
    }
}

impl Kind {
    fn literal(self, size: usize, random: &mut Random) -> String {
        let around = |random: &mut Random| {
            let reach = i64::try_from(size).unwrap_or(i64::MAX / 4).clamp(4, 1 << 20);
            i64::try_from(random.below(usize::try_from(2 * reach + 1).unwrap_or(1))).unwrap_or(0) - reach
        };
        match self {
            Self::List => {
                let all: Vec<String> = (0..size).map(|_| around(random).to_string()).collect();
                format!("[{}]", all.join(", "))
            }
            Self::Near => around(random).to_string(),
            Self::UpToSize => (1 + random.below(size.max(1))).to_string(),
            Self::Scaled(factor) => (factor * size + random.below(factor.max(1))).to_string(),
            Self::Depth => (3 + size / 10).to_string(),
        }
    }
}

/// One text to learn from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// Name of the task.
    pub task: String,
    /// Which of its solutions, from the dearest on.
    pub solution: usize,
    /// Comment and first line.
    pub prompt: String,
    /// What follows: a line end and the body.
    pub answer: String,
}

/// Texts of a split: all pairs of task and solution in a random order, again and again until there are enough. After each
/// whole pass every solution of every task was shown as often as every other.
pub fn examples(split: Split, count: usize, random: &mut Random) -> Vec<Example> {
    let tasks: Vec<Task> = tasks().into_iter().filter(|task| task.split() == split).collect();
    let mut all: Vec<Example> = Vec::with_capacity(count);
    while all.len() < count && !tasks.is_empty() {
        let mut pass: Vec<(usize, usize)> =
            (0..tasks.len()).flat_map(|task| (0..3).map(move |at| (task, at))).collect();
        random.shuffle(&mut pass);
        for (task, solution) in pass.into_iter().take(count - all.len()) {
            let task = &tasks[task];
            all.push(Example {
                task: task.name.clone(),
                solution,
                prompt: task.prompt_with(one(random, &VERBS)),
                answer: format!("\n{}", task.solutions[solution].body),
            });
        }
    }
    all
}

/// Four spaces before each line, and a line end after the last.
fn indented(lines: &str) -> String {
    lines.lines().map(|line| format!("    {line}\n")).collect()
}
