//! Which stages there are, and within what bounds.

use frugal_fuel::Limits;
use frugal_report::OptimizationOptions;

use crate::limits_report;

/// A stage that can be switched off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The task becomes a specification.
    Formalise,
    /// The specification is checked against the task.
    SelfCheck,
    /// The model writes tests.
    Tests,
    /// Algorithms come before code.
    Algorithms,
    /// Advice on the language comes before code.
    Advice,
    /// A judge looks at tests that the best program fails.
    Judge,
    /// Failing programs are repaired once.
    Repair,
    /// Programs that pass equally many tests are compared on large inputs that the model writes.
    LargeInputs,
}

impl Stage {
    /// Every stage, in order.
    pub const ALL: [Self; 8] = [
        Self::Formalise,
        Self::SelfCheck,
        Self::Tests,
        Self::Algorithms,
        Self::Advice,
        Self::Judge,
        Self::Repair,
        Self::LargeInputs,
    ];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Formalise => "formalise",
            Self::SelfCheck => "self-check",
            Self::Tests => "tests",
            Self::Algorithms => "algorithms",
            Self::Advice => "advice",
            Self::Judge => "judge",
            Self::Repair => "repair",
            Self::LargeInputs => "large-inputs",
        }
    }
}

/// Where programs come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// Algorithms first, one program for each.
    Algorithms,
    /// Several efficient programs, asked for directly.
    Programs,
    /// One program, straight from the specification.
    One,
    /// One program after thinking step by step.
    StepByStep,
    /// One program, simply asked for.
    Plain,
}

/// Who decides between programs that pass equally many tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TieBreak {
    /// Measured fuel; of equal fuel the program written first.
    Fuel,
    /// The model, as in the original; fuel where it says nothing clear.
    Model,
}

/// Which stages a recipe has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)] // one switch a stage
pub struct Stages {
    /// The task becomes a specification.
    pub formalise: bool,
    /// The specification is checked against the task.
    pub self_check: bool,
    /// The model writes tests.
    pub tests: bool,
    /// Where programs come from.
    pub start: Start,
    /// Advice on the language comes before code.
    pub advice: bool,
    /// A judge looks at tests that the best program fails.
    pub judge: bool,
    /// Failing programs are repaired once.
    pub repair: bool,
    /// The model writes large inputs, by which programs are compared.
    pub large_inputs: bool,
    /// Who decides between equals.
    pub tie_break: TieBreak,
    /// The chosen program is rewritten for efficiency, unverified.
    pub rewrite_last: bool,
}

impl Stages {
    /// The same with a stage switched off.
    #[must_use]
    pub fn without(mut self, stage: Stage) -> Self {
        match stage {
            Stage::Formalise => self.formalise = false,
            Stage::SelfCheck => self.self_check = false,
            Stage::Tests => self.tests = false,
            Stage::Algorithms if self.start == Start::Algorithms => self.start = Start::One,
            Stage::Algorithms => {}
            Stage::Advice => self.advice = false,
            Stage::Judge => self.judge = false,
            Stage::Repair => self.repair = false,
            Stage::LargeInputs => self.large_inputs = false,
        }
        self
    }

    /// Names of what is switched on, in order.
    fn names(&self) -> Vec<String> {
        let start = match self.start {
            Start::Algorithms => "algorithms",
            Start::Programs => "programs",
            Start::One => "one program",
            Start::StepByStep => "step by step",
            Start::Plain => "plain",
        };
        let tie_break = if self.tie_break == TieBreak::Model { "choice by model" } else { "choice by fuel" };
        let all = [
            (self.formalise, "formalise"),
            (self.formalise && self.self_check, "self-check"),
            (self.tests, "tests"),
            (true, start),
            (self.advice, "advice"),
            (self.tests && self.judge, "judge"),
            (self.tests && self.repair, "repair"),
            (self.large_inputs, "large-inputs"),
            (true, tie_break),
            (self.rewrite_last, "rewrite last"),
        ];
        all.iter().filter(|(on, _)| *on).map(|(_, name)| (*name).to_owned()).collect()
    }
}

/// Stages that belong together: the whole recipe, its ablations, other orders, and what it is held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preset {
    /// Every stage.
    Full,
    /// Ablation: one program straight from the specification, with advice.
    NoAlgorithms,
    /// Ablation: no advice on the language.
    NoAdvice,
    /// Ablation: no tests and no repair; the model chooses.
    NoTests,
    /// Other order: efficient programs asked for directly, then tests and repair.
    ProgramsFirst,
    /// Other order: one plain program, tests and repair, and efficiency last.
    EfficiencyLast,
    /// Baseline: one program after thinking step by step.
    ChainOfThought,
    /// Baseline: one program, simply asked for.
    Direct,
}

impl Preset {
    /// Every preset.
    pub const ALL: [Self; 8] = [
        Self::Full,
        Self::NoAlgorithms,
        Self::NoAdvice,
        Self::NoTests,
        Self::ProgramsFirst,
        Self::EfficiencyLast,
        Self::ChainOfThought,
        Self::Direct,
    ];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::NoAlgorithms => "no-algorithms",
            Self::NoAdvice => "no-advice",
            Self::NoTests => "no-tests",
            Self::ProgramsFirst => "programs-first",
            Self::EfficiencyLast => "efficiency-last",
            Self::ChainOfThought => "chain-of-thought",
            Self::Direct => "direct",
        }
    }

    /// Its stages.
    pub fn stages(self) -> Stages {
        let full = Stages {
            formalise: true,
            self_check: true,
            tests: true,
            start: Start::Algorithms,
            advice: true,
            judge: true,
            repair: true,
            large_inputs: true,
            tie_break: TieBreak::Fuel,
            rewrite_last: false,
        };
        let untested = Stages { tests: false, judge: false, repair: false, large_inputs: false, ..full };
        let one_question = Stages { formalise: false, self_check: false, advice: false, ..untested };
        match self {
            Self::Full => full,
            Self::NoAlgorithms => Stages { start: Start::One, ..full },
            Self::NoAdvice => Stages { advice: false, ..full },
            Self::NoTests => Stages { tie_break: TieBreak::Model, ..untested },
            Self::ProgramsFirst => Stages { start: Start::Programs, advice: false, ..full },
            Self::EfficiencyLast => Stages { start: Start::One, advice: false, rewrite_last: true, ..full },
            Self::ChainOfThought => Stages { start: Start::StepByStep, ..one_question },
            Self::Direct => Stages { start: Start::Plain, ..one_question },
        }
    }
}

/// Energy of a token, in joules, as its owner knows it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct JoulesPerToken {
    /// Of a token sent.
    pub prompt: f64,
    /// Of a token received.
    pub completion: f64,
}

/// Parameters of the recipe.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// What the stages are called in the report.
    pub preset: Preset,
    /// The stages.
    pub stages: Stages,
    /// Whether the model is also simply asked, for comparison.
    pub compare: bool,
    /// Randomness of answers, for the report; the original uses 0. Absent where the endpoint chooses.
    pub temperature: Option<f64>,
    /// Most tokens of one problem, both ways; questions after that are not asked. An answer may exceed what is left.
    pub tokens_max: Option<u64>,
    /// Most times that one thing is asked when answers cannot be used.
    pub tries: u32,
    /// Tests asked for; when an answer is too long, half of them, then a tenth.
    pub tests: u32,
    /// Tests below which the model is asked for more.
    pub tests_min: u32,
    /// Algorithms, or programs, asked for.
    pub algorithms: u32,
    /// Large inputs asked for.
    pub large_inputs: u32,
    /// Of one run on a test that the model wrote.
    pub test_limits: Limits,
    /// Of one run on a large or a hidden input.
    pub limits: Limits,
    /// Fuel limit as a multiple of the reference's worst case, from which a level scores 0.
    pub alpha: f64,
    /// Hidden cases of each level.
    pub tests_per_level: u32,
    /// Seed of the hidden inputs.
    pub seed: u32,
    /// For the report alone.
    pub joules_per_token: Option<JoulesPerToken>,
}

impl Default for Options {
    /// The original's counts, and hidden inputs like ENAMEL's.
    fn default() -> Self {
        Self::of(Preset::Full)
    }
}

/// An option that does not fit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("option `{name}` {message}")]
pub struct OptionsError {
    name: &'static str,
    message: String,
}

impl Options {
    /// The defaults with a preset's stages.
    pub fn of(preset: Preset) -> Self {
        Self {
            preset,
            stages: preset.stages(),
            compare: true,
            temperature: Some(0.0),
            tokens_max: None,
            tries: 5,
            tests: 20,
            tests_min: 5,
            algorithms: 5,
            large_inputs: 3,
            test_limits: Limits { fuel: 5_000_000_000, output_bytes: 1 << 20, ..Limits::default() },
            limits: Limits::default(),
            alpha: 2.0,
            tests_per_level: 2,
            seed: 998_244_353,
            joules_per_token: None,
        }
    }

    /// Checks ranges.
    ///
    /// # Errors
    /// [`OptionsError`] for the first option that does not fit.
    pub fn validate(&self) -> Result<(), OptionsError> {
        let wrong = |name, message: &str| Err(OptionsError { name, message: message.to_owned() });
        let range = |name, value: u32, most: u32| {
            if (1..=most).contains(&value) { Ok(()) } else { wrong(name, &format!("must lie between 1 and {most}")) }
        };
        range("tries", self.tries, 20)?;
        range("tests", self.tests, 100)?;
        range("tests_min", self.tests_min, self.tests)?;
        range("algorithms", self.algorithms, 20)?;
        range("large_inputs", self.large_inputs, 20)?;
        range("tests_per_level", self.tests_per_level, 100)?;
        if !(0.0..=2.0).contains(&self.temperature.unwrap_or_default()) {
            return wrong("temperature", "must lie between 0 and 2");
        }
        if !(self.alpha > 1.0 && self.alpha.is_finite()) {
            return wrong("alpha", "must be above 1");
        }
        let known = |joules: f64| joules.is_finite() && joules >= 0.0;
        if self.joules_per_token.is_some_and(|joules| !known(joules.prompt) || !known(joules.completion)) {
            return wrong("joules_per_token", "must not be negative");
        }
        if self.tokens_max == Some(0) {
            return wrong("tokens_max", "must be above 0");
        }
        for limits in [&self.test_limits, &self.limits] {
            limits.validate().map_err(|error| OptionsError { name: "limits", message: error.to_string() })?;
        }
        Ok(())
    }

    /// As a report shows them; `hardness` is of the usual four levels.
    pub(super) fn report(&self) -> OptimizationOptions {
        OptimizationOptions {
            preset: self.preset.name().to_owned(),
            stages: self.stages.names(),
            temperature: self.temperature,
            tokens_max: self.tokens_max,
            alpha: self.alpha,
            tests_per_level: vec![self.tests_per_level; 4],
            hardness: super::measure::hardness(4),
            seed: self.seed,
            limits: limits_report(&self.limits),
        }
    }
}
