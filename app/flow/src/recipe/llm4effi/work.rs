//! The recipe from its beginning to its end, for one task.

use frugal_fuel::{Guest, Measurement, RunError, RunnerIdentity};
use frugal_report::{OptimizedProblem, ProblemStatus, SyntheticTest};

use super::{Options, Start, Task, prompts};
use crate::recipe::desk::{Desk, Halt};
use crate::recipe::{Answer, Step};

/// One task's way through the recipe.
#[derive(Debug)]
pub struct Llm4Effi {
    task: Task,
    options: Options,
    guest: Guest,
    desk: Desk,
}

/// What comes next.
#[derive(Debug)]
pub enum Next {
    /// These questions and runs, in any order. Ask again for the next ones when all, or some, are known.
    Steps(Vec<Step>),
    /// The end.
    Done(Box<OptimizedProblem>),
}

/// One walk through what is known.
pub(super) struct Walk<'a> {
    pub(super) task: &'a Task,
    pub(super) options: &'a Options,
    pub(super) guest: &'a Guest,
    pub(super) desk: &'a mut Desk,
}

/// `name`, or `name 2` and so on for a later one.
pub(super) fn numbered(name: &str, number: u32) -> String {
    format!("{name} {number}")
}

impl Llm4Effi {
    /// Plans the work. The options have been validated.
    pub fn new(task: Task, options: Options, guest: Guest, identity: &RunnerIdentity) -> Self {
        let desk = Desk::new(identity, options.tokens_max);
        Self { task, options, guest, desk }
    }

    /// The task.
    pub fn task(&self) -> &Task {
        &self.task
    }

    /// Takes an answer, given now or recorded earlier; one that nothing asks for is left aside.
    pub fn answered(&mut self, key: &str, answer: Answer) {
        self.desk.answered(key, answer);
    }

    /// Takes what a run came to. A cancelled one is asked for again.
    pub fn ran(&mut self, key: &str, result: Result<Measurement, RunError>) {
        self.desk.ran(key, result);
    }

    /// From now on nothing new is asked: what is there is compared and measured.
    pub fn time_is_up(&mut self) {
        self.desk.time_is_up();
    }

    /// The next steps, or the end.
    pub fn proceed(&mut self) -> Next {
        self.desk.begin();
        let Self { task, options, guest, desk } = self;
        let walked = Walk { task, options, guest, desk }.walk();
        match walked {
            Ok(problem) => Next::Done(Box::new(problem)),
            Err(Halt::Pending) => Next::Steps(self.desk.take_pending()),
            Err(Halt::Failed(message)) => {
                Next::Done(Box::new(self.unfinished(ProblemStatus::InfrastructureFailure, Some(message))))
            }
        }
    }

    /// The problem as it stands, without an end: what was asked and answered so far.
    pub fn unfinished(&self, status: ProblemStatus, message: Option<String>) -> OptimizedProblem {
        OptimizedProblem {
            status,
            message,
            is_short_of_budget: self.desk.is_short_of_budget(),
            trace: self.desk.trace().to_vec(),
            ..empty(&self.task)
        }
    }
}

fn empty(task: &Task) -> OptimizedProblem {
    OptimizedProblem {
        task_id: task.id.clone(),
        entry_point: task.entry_point.clone(),
        status: ProblemStatus::Evaluated,
        message: None,
        has_hidden_inputs: task.hidden.is_some(),
        is_short_of_budget: false,
        optimized: None,
        direct: None,
        tests: Vec::new(),
        large_inputs: Vec::new(),
        candidates: Vec::new(),
        trace: Vec::new(),
    }
}

impl Walk<'_> {
    /// Recipe and comparison depend on each other in nothing, so both are walked before anything is waited for.
    fn walk(&mut self) -> Result<OptimizedProblem, Halt> {
        let recipe = match self.recipe() {
            Err(Halt::Failed(message)) => return Err(Halt::Failed(message)),
            walked => walked,
        };
        let direct = if self.options.compare && self.options.stages.start != Start::Plain {
            self.plain().and_then(|program| program.map(|program| self.measured(&program.code)).transpose())
        } else {
            Ok(None)
        };
        let (mut problem, direct) = (recipe?, direct?);
        if self.options.stages.start == Start::Plain && self.options.compare {
            problem.direct.clone_from(&problem.optimized);
        } else {
            problem.direct = direct;
        }
        problem.is_short_of_budget = self.desk.is_short_of_budget();
        problem.trace = self.desk.trace().to_vec();
        Ok(problem)
    }

    fn recipe(&mut self) -> Result<OptimizedProblem, Halt> {
        let specification = self.specification()?;
        // Tests and programs come from the specification alone, so their questions are asked together.
        let tests = match self.tests(&specification) {
            Err(Halt::Failed(message)) => return Err(Halt::Failed(message)),
            tests => tests,
        };
        let candidates = self.candidates(&specification)?;
        let tests = tests?;
        let (tried, verdicts) = self.verified(&specification, candidates, &tests)?;
        let choice = self.chosen(&specification, &tried, &verdicts)?;
        let mut code = choice.code;
        if let (true, Some(chosen)) = (self.options.stages.rewrite_last, &code) {
            let rewritten = self.program("rewrite", "rewrite", &prompts::rewrite(&specification, chosen))?;
            code = rewritten.map(|program| program.code).or(code);
        }
        let optimized = code.map(|code| self.measured(&code)).transpose()?;
        let tests = tests.iter().zip(&verdicts).map(|(test, verdict)| SyntheticTest {
            arguments: test.shown.clone(),
            expected: test.expected.to_python(),
            verdict: *verdict,
        });
        Ok(OptimizedProblem {
            optimized,
            tests: tests.collect(),
            large_inputs: choice.large_inputs,
            candidates: choice.candidates,
            ..empty(self.task)
        })
    }
}
