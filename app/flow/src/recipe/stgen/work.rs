//! Both phases from their beginning to their end, for one problem.

use frugal_bench::suite::coffe::Problem;
use frugal_fuel::{Guest, Measurement, RunError, RunnerIdentity};
use frugal_guests::{ContentKey, Tagged};
use frugal_report::{ProblemStatus, StressProblem};

use super::{Options, Task};
use crate::recipe::desk::{Desk, Halt, each};
use crate::recipe::{Answer, Step};

/// Characters of an input that are worth showing.
pub(super) const SHOWN_MAX: usize = 300;

/// One problem's way through both phases.
#[derive(Debug)]
pub struct StGen {
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
    Done(Box<StressProblem>),
}

/// One walk through what is known.
pub(super) struct Walk<'a> {
    pub(super) task: &'a Task,
    pub(super) options: &'a Options,
    pub(super) guest: &'a Guest,
    pub(super) desk: &'a mut Desk,
}

/// A failure of the machinery, or of what comes with the problem.
pub(super) fn failed(error: impl std::fmt::Display) -> Halt {
    Halt::Failed(error.to_string())
}

/// Arguments of known tests, as tagged JSON arrays.
pub(super) fn known(problem: &Problem) -> Vec<String> {
    problem.tests.iter().map(|test| Tagged::List(test.arguments.clone()).to_json()).collect()
}

impl StGen {
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

    /// From now on nothing new is asked: what is there is judged.
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
    pub fn unfinished(&self, status: ProblemStatus, message: Option<String>) -> StressProblem {
        StressProblem {
            task_id: self.task.id().to_owned(),
            prompt: self.task.prompt().to_owned(),
            status,
            message,
            is_short_of_budget: self.desk.is_short_of_budget(),
            contracts: Vec::new(),
            inputs: Vec::new(),
            trace: self.desk.trace().to_vec(),
        }
    }
}

impl Walk<'_> {
    fn walk(&mut self) -> Result<StressProblem, Halt> {
        let problem = self.task.problem(self.desk, self.guest, self.options.limits)?;
        // Of our own problems the reference gave the known results itself.
        if matches!(self.task, Task::Coffe(_)) {
            self.reference_is_right(&problem)?;
        }
        let contracts = self.contracts(&problem)?;
        let inputs = self.inputs(&problem, &contracts)?;
        Ok(StressProblem {
            task_id: self.task.id().to_owned(),
            prompt: self.task.prompt().to_owned(),
            status: ProblemStatus::Evaluated,
            message: None,
            is_short_of_budget: self.desk.is_short_of_budget(),
            contracts,
            inputs,
            trace: self.desk.trace().to_vec(),
        })
    }

    /// A reference that fails known tests judges nothing.
    fn reference_is_right(&mut self, problem: &Problem) -> Result<(), Halt> {
        if problem.tests.is_empty() {
            return Err(failed("there are no known tests, so no contract could be judged"));
        }
        let right = each(0..problem.tests.len(), |test| {
            let job = problem.reference_correctness_job(self.guest, test).map_err(failed)?;
            let (reply, _) = self.desk.run_trusted("the reference", job, self.options.limits)?;
            problem.is_right(&reply, test).map_err(failed)
        })?;
        match right.iter().position(|right| !right) {
            Some(test) => Err(failed(format!("the reference is wrong on known test {test}"))),
            None => Ok(()),
        }
    }

    /// Inputs to show, in Python notation: some of the known tests and `kept`, drawn anew for each number.
    pub(super) fn examples(&self, problem: &Problem, kept: &[String], number: u32) -> Vec<String> {
        let tests = problem.tests.iter().map(|test| Tagged::List(test.arguments.clone()).to_python());
        let pool = tests.chain(kept.iter().cloned()).filter(|input| input.len() <= SHOWN_MAX);
        let draw = |input: &String| {
            ContentKey::new("frugal-examples-1")
                .number(self.options.seed.into())
                .number(number.into())
                .part(input.as_bytes())
                .finish()
        };
        let mut drawn: Vec<(String, String)> = pool.map(|input| (draw(&input), input)).collect();
        drawn.sort_unstable();
        drawn.truncate(self.options.shown as usize);
        drawn.into_iter().map(|(_, input)| input).collect()
    }
}
