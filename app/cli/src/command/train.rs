//! `frugal train`.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use clap::Args;
use frugal_flow::training::{Optimizer, Schedule as Shape, TrainingRecipe};
use frugal_guests::sha256_hex;
use frugal_report::{
    Convention, NamedMetric, TRAINING_SCHEMA, TrainingEvaluation, TrainingEvent, TrainingManifest, TrainingStep,
    printable,
};
use frugal_session::Sampling;
use frugal_session::training::{
    Decay, Optimise, Optimiser, Report, Schedule, Settings, Setup, Sizes, Start, TrainingError, TrainingSession,
};
use indicatif::{ProgressBar, ProgressStyle};

use crate::answer::Interrupt;
use crate::backend::BackendChoice;
use crate::failure::{Failure, INTERRUPTED, print, read, say};
use crate::train::{Beginning, Material, Metrics, RunFolder, material};

/// Rows of a batch whose logits exist at one time.
const LOGIT_ROWS: usize = 256;

/// Arguments of `frugal train`.
#[derive(Args)]
pub(crate) struct TrainArgs {
    /// The recipe: a TOML file that names model, data, objective and how the parameters move
    recipe: PathBuf,
    /// Folder for checkpoint, metrics, manifest and model; runs/NAME beside the recipe when it is not given
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Go on from the folder's checkpoint
    #[arg(long)]
    resume: bool,
    /// What computes
    #[arg(long, value_enum, default_value = "auto")]
    device: BackendChoice,
    /// Print the manifest as JSON at the end
    #[arg(long)]
    json: bool,
}

/// Trains a model.
pub(crate) fn run(args: &TrainArgs) -> Result<ExitCode, Failure> {
    let interrupt = Interrupt::install()?;
    let text = String::from_utf8(read(&args.recipe)?)
        .map_err(|_| Failure::usage(format!("{}: it is not UTF-8 text", args.recipe.display())))?;
    let recipe = TrainingRecipe::from_toml(&text)
        .map_err(|error| Failure::usage(format!("{}: {error}", args.recipe.display())))?;
    let place = args.recipe.parent().map_or_else(PathBuf::new, Path::to_path_buf);
    let (material, beginning) = material(&recipe, &place, &interrupt.stop)?;
    let out = args.out.clone().unwrap_or_else(|| place.join("runs").join(&recipe.name));
    let folder = RunFolder::open(&out, args.resume)?;
    let mut run = Run::begin(args, recipe, &text, (material, beginning), folder)?;
    let finished = run.train(&|| interrupt.stop.load(Ordering::Relaxed))?;
    run.finish(finished)?;
    if args.json {
        print(&run.manifest_json()?)?;
    }
    if finished {
        say(format_args!("the model is in {}", run.folder.path().join("model").display()));
        return Ok(ExitCode::SUCCESS);
    }
    say(format_args!(
        "stopped after step {}; `--resume` goes on, and gives what an unbroken run would give",
        run.session.steps_taken()
    ));
    Ok(ExitCode::from(INTERRUPTED))
}

struct Run {
    recipe: TrainingRecipe,
    material: Material,
    folder: RunFolder,
    metrics: Metrics,
    session: TrainingSession,
    manifest: TrainingManifest,
    begun: Instant,
    /// Wall-clock time of earlier parts.
    earlier_ms: f64,
    bar: ProgressBar,
}

impl Run {
    fn begin(
        args: &TrainArgs,
        recipe: TrainingRecipe,
        text: &str,
        (material, beginning): (Material, Beginning),
        folder: RunFolder,
    ) -> Result<Self, Failure> {
        let Beginning { start, learning } = beginning;
        let setup = Setup {
            config: &material.config,
            start: start.as_deref().map_or(Start::Drawn { seed: recipe.seed }, Start::File),
            learning,
            settings: settings(&recipe),
            accumulate: recipe.batch.accumulate as usize,
            seed: recipe.seed,
        };
        let mut session = TrainingSession::new(setup, args.device.open_to_train()?).map_err(refused)?;
        let start_sha256 = sha256_hex(&session.weights().map_err(refused)?);
        let mut manifest = manifest(&recipe, text, &material, &session, start_sha256);
        if args.resume {
            let path = folder.path().join("manifest.json");
            let before = String::from_utf8(read(&path)?).unwrap_or_default();
            let before = TrainingManifest::from_json(&before)
                .map_err(|error| Failure::usage(format!("{}: {error}", path.display())))?;
            same_run(&before, &manifest)?;
            session.resume(&folder.checkpoint()?).map_err(refused)?;
            manifest = TrainingManifest { resumed: before.resumed + 1, wall_ms: before.wall_ms, ..manifest };
            manifest.memory_bytes_max = before.memory_bytes_max;
        }
        let metrics = folder.metrics(session.steps_taken(), now_seconds())?;
        let earlier_ms = manifest.wall_ms;
        let bar = progress_bar(recipe.steps);
        Ok(Self { recipe, material, folder, metrics, session, manifest, begun: Instant::now(), earlier_ms, bar })
    }

    /// Whether all steps were taken.
    fn train(&mut self, stopped: &dyn Fn() -> bool) -> Result<bool, Failure> {
        if self.session.steps_taken() == 0 {
            self.look()?;
            // From here on there is something to go on from.
            self.keep()?;
        }
        while self.session.steps_taken() < self.recipe.steps {
            if stopped() {
                self.keep()?;
                return Ok(false);
            }
            let begun = Instant::now();
            let report = self.session.step().map_err(refused)?;
            let wall_ms = begun.elapsed().as_secs_f64() * 1_000.0;
            self.bar.set_position(report.step);
            self.bar.set_message(format!("loss {:.4}", report.loss));
            let step = report.step;
            self.metrics.append(now_seconds(), &TrainingEvent::Step(self.step_line(report, wall_ms)))?;
            let last = step == self.recipe.steps;
            if last || step.is_multiple_of(self.recipe.evaluation.every_steps) {
                self.look()?;
            }
            if last || step.is_multiple_of(self.recipe.evaluation.checkpoint_steps) {
                self.keep()?;
            }
        }
        self.bar.finish_and_clear();
        Ok(true)
    }

    fn step_line(&self, report: Report, wall_ms: f64) -> TrainingStep {
        TrainingStep {
            step: report.step,
            tokens: self.session.tokens(),
            loss: report.loss,
            learning_rate: report.learning_rate.unwrap_or_default(),
            gradient_norm: report.gradient_norm.unwrap_or_default(),
            wall_ms,
            metrics: named(&report.metrics),
        }
    }

    /// Evaluates on what was kept apart, and lets the model write.
    fn look(&mut self) -> Result<(), Failure> {
        if let Some(report) = self.session.evaluate().map_err(refused)? {
            let said = format!("step {}: loss on what was kept apart {:.4}", report.step, report.loss);
            self.bar.suspend(|| say(said));
            let metrics = named(&report.metrics);
            let event = TrainingEvent::Evaluation(TrainingEvaluation { step: report.step, loss: report.loss, metrics });
            self.metrics.append(now_seconds(), &event)?;
        }
        let prompts = self.recipe.evaluation.prompts.clone();
        for prompt in prompts {
            let text = self.sample(&prompt)?;
            self.bar.suspend(|| say(format_args!("  {}{}", printable(&prompt), printable(&text))));
            let step = self.session.steps_taken();
            self.metrics.append(now_seconds(), &TrainingEvent::Sample { step, prompt, text })?;
        }
        Ok(())
    }

    fn sample(&mut self, prompt: &str) -> Result<String, Failure> {
        let tokenizer = &self.material.tokenizer;
        let fault = |error: &dyn std::fmt::Display| Failure::usage(format!("`evaluation.prompts`: {error}"));
        let tokens = tokenizer.encode(prompt, false).map_err(|error| fault(&error))?;
        let (count, end) = (self.recipe.evaluation.sample_tokens as usize, [self.material.end]);
        let written = self.session.sample(&tokens, count, &end, &Sampling::GREEDY).map_err(|error| fault(&error))?;
        tokenizer.decode(&written, false).map_err(|error| fault(&error))
    }

    /// Keeps checkpoint and manifest.
    fn keep(&mut self) -> Result<(), Failure> {
        let checkpoint = self.session.checkpoint().map_err(refused)?;
        self.folder.keep_checkpoint(&checkpoint)?;
        let memory = self.session.memory();
        let bytes = memory.weights_bytes + memory.cache_bytes + memory.scratch_bytes;
        let (steps, tokens) = (self.session.steps_taken(), self.session.tokens());
        let manifest = &mut self.manifest;
        manifest.memory_bytes_max = manifest.memory_bytes_max.max(bytes as u64);
        manifest.steps = steps;
        manifest.tokens = tokens;
        manifest.flops = flops_per_token(&self.material, &self.recipe) * tokens as f64;
        manifest.wall_ms = self.earlier_ms + self.begun.elapsed().as_secs_f64() * 1_000.0;
        manifest.parameters_sha256 = Some(sha256_hex(&self.session.weights().map_err(refused)?));
        let json = self.manifest_json()?;
        self.folder.replace("manifest.json", json.as_bytes())
    }

    fn finish(&mut self, finished: bool) -> Result<(), Failure> {
        if !finished {
            return Ok(());
        }
        let weights = self.session.weights().map_err(refused)?;
        let generation = format!("{{\n  \"eos_token_id\": {}\n}}\n", self.material.end);
        self.folder.replace("model/config.json", &self.material.config_json)?;
        self.folder.replace("model/generation_config.json", generation.as_bytes())?;
        self.folder.replace("model/tokenizer.json", &self.material.tokenizer_json)?;
        self.folder.replace("model/model.safetensors", &weights)
    }

    fn manifest_json(&self) -> Result<String, Failure> {
        let json = serde_json::to_string_pretty(&self.manifest).map_err(Failure::infrastructure)?;
        Ok(json + "\n")
    }
}

fn refused(error: TrainingError) -> Failure {
    Failure::usage(error)
}

/// A checkpoint goes on under the recipe, the data and the start that it was taken under.
fn same_run(before: &TrainingManifest, now: &TrainingManifest) -> Result<(), Failure> {
    let parts = [
        ("recipe", before.recipe_toml == now.recipe_toml),
        ("data", before.data_sha256 == now.data_sha256),
        ("tokenizer", before.tokenizer_sha256 == now.tokenizer_sha256),
        ("starting parameters", before.start_sha256 == now.start_sha256),
        ("version of frugal", before.frugal_version == now.frugal_version),
    ];
    match parts.iter().find(|(_, same)| !same) {
        Some((part, _)) => Err(Failure::usage(format!("the {part} changed since this run began"))
            .hint("a resumed run must give what an unbroken one gives: put it back, or choose another --out")),
        None => Ok(()),
    }
}

fn manifest(
    recipe: &TrainingRecipe,
    text: &str,
    material: &Material,
    session: &TrainingSession,
    start_sha256: String,
) -> TrainingManifest {
    let convention = |name: &str, value: &str| Convention { name: name.to_owned(), value: value.to_owned() };
    let mean = if recipe.objective.takes_pairs() { "over pairs" } else { "over all predicted tokens of a step" };
    TrainingManifest {
        schema: TRAINING_SCHEMA.to_owned(),
        frugal_version: frugal_flow::FRUGAL_VERSION.to_owned(),
        name: recipe.name.clone(),
        recipe_toml: text.to_owned(),
        conventions: vec![
            convention("mean of the loss", mean),
            convention("log-probability of a response", "sum over its tokens, the end of text included"),
            convention("weight decay", "matrices only"),
            convention("reference", "the parameters that the run starts from, without gradient"),
            convention("learning rate", "the first step is taken at 1/warmup_steps of the height"),
        ],
        data_sha256: material.data_sha256.clone(),
        tokenizer_sha256: sha256_hex(&material.tokenizer_json),
        start_sha256,
        parameters_sha256: None,
        device: session.backend(),
        trained_parameters: session.learnt_parameters() as u64,
        parameters: session.parameters() as u64,
        examples: material.examples,
        steps: 0,
        tokens: 0,
        flops: 0.0,
        memory_bytes_max: 0,
        wall_ms: 0.0,
        resumed: 0,
    }
}

/// As the manifest counts them.
fn flops_per_token(material: &Material, recipe: &TrainingRecipe) -> f64 {
    let config = &material.config;
    let (hidden, kv) = (config.hidden as f64, (config.kv_heads * config.head_size) as f64);
    let attention = 2.0 * hidden * (config.heads * config.head_size) as f64 + 2.0 * hidden * kv;
    let ffn = if config.gated { 3.0 } else { 2.0 } * hidden * config.ffn as f64;
    let matrices = config.layers as f64 * (attention + ffn) + hidden * config.vocabulary as f64;
    6.0 * matrices + 12.0 * config.layers as f64 * hidden * f64::from(recipe.batch.tokens)
}

fn settings(recipe: &TrainingRecipe) -> Settings {
    let (learning_rate, clip) = recipe.optimizer.rate_and_clip();
    let optimise = match recipe.optimizer {
        Optimizer::AdamW { betas: [beta1, beta2], weight_decay, .. } => {
            Optimise { beta1, beta2, weight_decay, ..Optimise::new(Optimiser::AdamW, learning_rate) }
        }
        Optimizer::Lion { betas: [beta1, beta2], weight_decay, .. } => {
            Optimise { beta1, beta2, weight_decay, ..Optimise::new(Optimiser::Lion, learning_rate) }
        }
        Optimizer::Sgd { momentum, .. } => Optimise { beta1: momentum, ..Optimise::new(Optimiser::Sgd, learning_rate) },
        Optimizer::RmsProp { .. } => Optimise::new(Optimiser::RmsProp, learning_rate),
    };
    let schedule = match recipe.schedule {
        Shape::Constant { warmup_steps } => Schedule { warmup_steps, decay: Decay::Constant },
        Shape::Cosine { warmup_steps, end_share } => Schedule { warmup_steps, decay: Decay::Cosine { end_share } },
        Shape::Linear { warmup_steps, end_share } => Schedule { warmup_steps, decay: Decay::Linear { end_share } },
        Shape::Wsd { warmup_steps, decay_steps, end_share } => {
            Schedule { warmup_steps, decay: Decay::Stable { decay_steps, end_share } }
        }
    };
    let (sequences, time) = (recipe.batch.sequences as usize, recipe.batch.tokens as usize);
    Settings {
        sizes: Sizes { sequences, time, logit_rows: LOGIT_ROWS.min(sequences * time), recompute: false },
        optimise,
        schedule,
        steps: recipe.steps,
        clip_norm: clip.is_finite().then_some(clip),
        frozen: Vec::new(),
        lora: None,
    }
}

fn named(metrics: &[(&'static str, f64)]) -> Vec<NamedMetric> {
    metrics.iter().map(|(name, value)| NamedMetric { name: (*name).to_owned(), value: *value }).collect()
}

fn now_seconds() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}

fn progress_bar(steps: u64) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let template = "{bar:20} {pos}/{len} steps, {elapsed}, {eta} left, {wide_msg}";
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = ProgressBar::new(steps).with_style(style);
    bar.enable_steady_tick(Duration::from_millis(500));
    bar
}
