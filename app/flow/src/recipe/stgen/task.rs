//! What tests are written for.

use frugal_bench::suite::{coffe, frugal};
use frugal_fuel::Guest;
use frugal_guests::{GuestReply, Tagged};

use crate::recipe::desk::{Desk, Halt, each};

/// Known tests of a problem of our own: small ones show what inputs look like.
const KNOWN_TESTS: [(usize, [u32; 3]); 2] = [(0, [1, 2, 3]), (1, [4, 5, 6])];

/// A problem with a reference and tests that are known.
#[derive(Debug, Clone, PartialEq)]
pub enum Task {
    /// Of COFFE.
    Coffe(Box<coffe::Problem>),
    /// Of Frugal's own set: known tests come from its generator and its reference, and its own contract is kept to.
    Frugal(Box<frugal::Problem>),
}

impl Task {
    /// Names it in reports.
    pub fn id(&self) -> &str {
        match self {
            Self::Coffe(problem) => &problem.task_id,
            Self::Frugal(problem) => &problem.id,
        }
    }

    /// The text that models are given.
    pub fn prompt(&self) -> &str {
        match self {
            Self::Coffe(problem) => &problem.prompt,
            Self::Frugal(problem) => problem.description.statement.trim(),
        }
    }

    /// The problem in COFFE's form.
    pub(super) fn problem(
        &self,
        desk: &mut Desk,
        guest: &Guest,
        limits: frugal_fuel::Limits,
    ) -> Result<coffe::Problem, Halt> {
        let own = match self {
            Self::Coffe(problem) => return Ok((**problem).clone()),
            Self::Frugal(problem) => problem,
        };
        let unable = |error: &dyn std::fmt::Display| Halt::Failed(error.to_string());
        let levels =
            KNOWN_TESTS.iter().filter_map(|(level, seeds)| Some((*own.description.level_sizes.get(*level)?, seeds)));
        let inputs = each(levels, |(size, seeds)| {
            let job = own.generate_job(guest, size, seeds).map_err(|error| unable(&error))?;
            let (reply, _) = desk.run_trusted("the input generator", job, limits)?;
            own.inputs(&reply, seeds.len()).map_err(|error| unable(&error))
        })?
        .concat();
        let tests = each(inputs, |arguments_json| {
            let job = own.call_job(guest, own.reference_source(), &arguments_json).map_err(|error| unable(&error))?;
            let (reply, _) = desk.run_trusted("the reference", job, limits)?;
            let output = GuestReply::from_json(&reply).map_err(|error| unable(&error))?.value;
            let arguments = Tagged::from_json(arguments_json.as_bytes()).map_err(|error| unable(&error))?;
            let Tagged::List(arguments) = arguments else {
                return Err(unable(&"the input generator gave no arguments"));
            };
            Ok(coffe::CorrectnessTest { arguments, output })
        })?;
        let reference = format!(
            "{}\n\n\n{} = {}\n",
            own.reference_source(),
            coffe::REFERENCE_ENTRY_POINT,
            own.description.entry_point
        );
        Ok(coffe::Problem {
            task_id: own.id.clone(),
            dataset: "frugal".to_owned(),
            prompt: self.prompt().to_owned(),
            entry_point: own.description.entry_point.clone(),
            tests,
            stressful_tests: Vec::new(),
            ground_truths: vec![reference.clone()],
            best_solution: reference,
        })
    }
}
