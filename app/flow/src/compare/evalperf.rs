//! EvalPerf: references and samples on the one performance-exercising input of a task.
//!
//! A task's file holds no tests, so a sample counts as correct when it agrees with the fastest reference on that input.

use frugal_bench::suite::evalperf::Task;
use frugal_guests::sha256_hex;
use frugal_report::Verdict;

use super::work::whole;
use super::{Called, Measured, Prepared, Problem, Run, Stop};

/// One task of EvalPerf.
#[derive(Debug, Clone, PartialEq)]
pub struct EvalPerfProblem(pub Task);

const STAGE: &str = "call";

impl EvalPerfProblem {
    fn call(&self, source: &str, arguments: &str, run: &Run<'_>) -> Result<Called, Stop> {
        let job = self.0.call_job(run.guest, source, arguments);
        run.limited(job.ok_or_else(|| {
            Stop::Failed("its references define several functions; say which one by `entry_point`".to_owned())
        })?)
    }
}

impl Problem for EvalPerfProblem {
    fn task_id(&self) -> &str {
        &self.0.task_id
    }

    fn references(&self) -> Vec<(String, Option<f64>)> {
        let name = |source: &String| sha256_hex(source.as_bytes())[..12].to_owned();
        self.0.references.iter().zip(&self.0.scores).map(|(source, score)| (name(source), Some(*score))).collect()
    }

    fn prepare(&self, run: &Run<'_>) -> Result<Prepared, Stop> {
        let input = self.0.arguments().map_err(|error| Stop::Failed(error.to_string()))?;
        let (mut fuel, mut answer) = (Vec::new(), Vec::new());
        for (at, source) in self.0.references.iter().enumerate() {
            match self.call(source, &input, run)? {
                Called::Returned { net_fuel, reply } => {
                    fuel.push(vec![net_fuel]);
                    answer = reply;
                }
                Called::Unread { message, .. } | Called::Stopped { message, .. } => {
                    return Err(Stop::Failed(format!("reference {at}: {message}")));
                }
            }
        }
        let disorder: Vec<String> = fuel
            .windows(2)
            .enumerate()
            .filter(|(_, pair)| pair[0] < pair[1])
            .map(|(at, _)| format!("{at} costs less than {}", at + 1))
            .collect();
        let message = (!disorder.is_empty()).then(|| format!("references out of order: {}", disorder.join(", ")));
        let answer =
            String::from_utf8(answer).map_err(|_| Stop::Failed("the reference's reply is no text".to_owned()))?;
        Ok(Prepared { inputs: vec![input], answers: vec![answer], reference_fuel: fuel, message })
    }

    fn measure(&self, prepared: &Prepared, source: &str, run: &Run<'_>) -> Result<Measured, Stop> {
        let (input, answer) = (prepared.inputs.first(), prepared.answers.first());
        let (input, answer) = (input.map_or("", String::as_str), answer.map_or("", String::as_str));
        let stopped = |verdict, message| Ok(Measured::stopped(verdict, message, STAGE, "the one input".to_owned()));
        match self.call(source, input, run)? {
            Called::Returned { net_fuel, reply } => match self.0.is_right(answer.as_bytes(), &reply) {
                Ok(true) => Ok(Measured::finished(vec![whole(net_fuel)])),
                Ok(false) => stopped(Verdict::WrongOutput, "the output is not the reference's".to_owned()),
                Err(error) => stopped(Verdict::Error, error.to_string()),
            },
            Called::Unread { message, .. } => stopped(Verdict::Error, message),
            Called::Stopped { verdict, message, .. } => stopped(verdict, message),
        }
    }
}
