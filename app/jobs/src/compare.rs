//! Executes a comparison on several threads, a problem on each.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError};

use frugal_flow::Progress;
use frugal_flow::compare::{Comparison, Fact, Problem, Run};
use frugal_fuel::{Guest, Job, Limits, Measurement, RunError};

/// Whoever runs jobs and keeps what was learnt. Called from several threads at once.
pub trait Keeper: Sync {
    /// Why something could not be kept, or a problem not be read.
    type Failure: Send;

    /// Runs one job. A panic here counts as a failure of the machinery.
    ///
    /// # Errors
    /// [`RunError`] when nothing is known about the job.
    fn run(&self, job: &Job, limits: &Limits) -> Result<Measurement, RunError>;

    /// True once nothing more is to be started.
    fn cancelled(&self) -> bool;

    /// Keeps what was learnt, and how far the comparison is.
    ///
    /// # Errors
    /// Ends the comparison.
    fn keep(&self, fact: &Fact, progress: Progress) -> Result<(), Self::Failure>;
}

/// Works through `problems` as they come, `threads` of them at once, so that no more than those are held.
///
/// # Errors
/// What [`Keeper::keep`] or the reader of problems failed with.
pub fn compare<K: Keeper, P>(
    comparison: &mut Comparison,
    problems: P,
    trusted_guest: &Guest,
    threads: usize,
    keeper: &K,
) -> Result<(), K::Failure>
where
    P: Iterator<Item = Result<Box<dyn Problem>, K::Failure>> + Send,
{
    let (guest, options) = (comparison.guest().clone(), comparison.options().clone());
    let shared =
        Shared { comparison: Mutex::new(comparison), problems: Mutex::new(problems), failure: Mutex::new(None) };
    let call = |job: &Job, limits: &Limits| {
        if keeper.cancelled() {
            return Err(RunError::Cancelled);
        }
        catch_unwind(AssertUnwindSafe(|| keeper.run(job, limits))).unwrap_or_else(|_| {
            Err(RunError::Engine { message: "the runner panicked; the log has the cause".to_owned() })
        })
    };
    let run = Run { guest: &guest, trusted_guest, options: &options, call: &call };
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                while !keeper.cancelled() && locked(&shared.failure).is_none() {
                    match shared.work(&run, keeper) {
                        Ok(true) => {}
                        Ok(false) => break,
                        Err(failure) => *locked(&shared.failure) = Some(failure),
                    }
                }
            });
        }
    });
    shared.failure.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err)
}

struct Shared<'a, P, F> {
    comparison: Mutex<&'a mut Comparison>,
    problems: Mutex<P>,
    failure: Mutex<Option<F>>,
}

impl<F, P: Iterator<Item = Result<Box<dyn Problem>, F>>> Shared<'_, P, F> {
    /// Works on the next problem. False at the end.
    fn work<K: Keeper<Failure = F>>(&self, run: &Run<'_>, keeper: &K) -> Result<bool, F> {
        let Some(problem) = locked(&self.problems).next() else { return Ok(false) };
        let problem = problem?;
        let work = locked(&self.comparison).open(problem.as_ref());
        let Some(work) = work else { return Ok(true) };
        work.run(problem.as_ref(), run, &mut |fact| {
            let progress = {
                let mut comparison = locked(&self.comparison);
                comparison.learn(fact.clone());
                comparison.progress()
            };
            keeper.keep(&fact, progress)
        })?;
        Ok(true)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
