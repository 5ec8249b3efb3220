//! What a recipe names: the model it starts from, its tokenizer, and its data as tokens.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use frugal_flow::training::cost::{Pairing, pairs as pairs_of};
use frugal_flow::training::{
    DataSource, Format, Generator, ModelSource, Objective, Rollouts, TokenizerSource, TrainingRecipe,
};
use frugal_guests::sha256_hex;
use frugal_model::config::Config;
use frugal_model::tokenizer::Tokenizer;
use frugal_session::training::corpus;
use frugal_session::training::corpus::arithmetic::{Addition, DIGITS};
use frugal_session::training::corpus::stories::{self, Mood};
use frugal_session::training::data::{
    Answer, Findings, Limits, Pair, Plain, TokensError, Turns, answers, documents, pack, pairs, tokenise_answers,
    tokenise_pairs,
};
use frugal_session::training::{Divergence, Learning, Order, Preference, Random, Split};

use super::rollouts::{self, Asking, Judge};
use super::tokenizer::train_bpe;
use crate::failure::{Failure, read, say};

/// A line that stands between two documents of a text file.
const DOCUMENT_SEPARATOR: &str = super::tokenizer::END_OF_TEXT;
/// Calls of each task by which a written program is judged.
const ROLLOUT_CALLS: usize = 3;
/// Names that end a text in the tokenizers of the supported families.
const END_TOKENS: [&str; 3] = ["<|endoftext|>", "</s>", "<eos>"];

/// What a session is made from, and holds from then on.
pub(crate) struct Beginning {
    /// Parameters to start from; drawn when there are none.
    pub(crate) start: Option<Vec<u8>>,
    pub(crate) learning: Learning,
}

/// What stays with a run, read and checked.
pub(crate) struct Material {
    /// `config.json`.
    pub(crate) config_json: Vec<u8>,
    pub(crate) config: Config,
    /// `tokenizer.json`.
    pub(crate) tokenizer_json: Vec<u8>,
    pub(crate) tokenizer: Tokenizer,
    /// The token that ends a text.
    pub(crate) end: u32,
    /// Examples learnt from, and kept apart.
    pub(crate) examples: [u64; 2],
    pub(crate) data_sha256: String,
}

/// Reads everything that the recipe names; `place` is the folder that its paths start from.
pub(crate) fn material(
    recipe: &TrainingRecipe,
    place: &Path,
    stop: &AtomicBool,
) -> Result<(Material, Beginning), Failure> {
    let source = Source::read(recipe, place, stop)?;
    let (tokenizer_name, tokenizer_json) = tokenizer_json(recipe, place, &source)?;
    let fault = |error: &dyn std::fmt::Display| Failure::usage(format!("{tokenizer_name}: {error}"));
    let tokenizer = Tokenizer::from_json(&tokenizer_json).map_err(|error| fault(&error))?;
    let named_end = END_TOKENS.iter().find_map(|name| tokenizer.id(name));
    let (config_json, start) = match &recipe.model {
        ModelSource::From(from) => {
            let folder = place.join(from);
            (read(&folder.join("config.json"))?, Some(read(&folder.join("model.safetensors"))?))
        }
        ModelSource::New(shape) => {
            let json = shape.config_json(tokenizer.len(), named_end);
            (serde_json::to_vec_pretty(&json).map_err(Failure::infrastructure)?, None)
        }
    };
    let config = Config::from_json(&config_json).map_err(|error| Failure::usage(format!("config.json: {error}")))?;
    let end = config.end.first().copied().or(named_end).ok_or_else(|| {
        let known = END_TOKENS.join(", ");
        Failure::usage("neither the model nor the tokenizer names a token that ends a text")
            .hint(format!("give the tokenizer one of {known}"))
    })?;
    let limits = Limits {
        tokens_max: recipe.batch.tokens as usize + 1,
        prompt_tokens_max: None,
        end,
        vocabulary: config.vocabulary,
    };
    let learning = source.learning(recipe, &tokenizer, &limits)?;
    let count = |a: usize, b: usize| [a as u64, b as u64];
    let examples = match &learning {
        Learning::Text(split) => count(split.learnt.len(), split.held_out.len()),
        Learning::Answers(split) => count(split.learnt.len(), split.held_out.len()),
        Learning::Pairs { examples, .. } => count(examples.learnt.len(), examples.held_out.len()),
    };
    let data_sha256 = source.sha256;
    let material = Material { config_json, config, tokenizer_json, tokenizer, end, examples, data_sha256 };
    Ok((material, Beginning { start, learning }))
}

/// `tokenizer.json`, and what to call it in messages.
fn tokenizer_json(recipe: &TrainingRecipe, place: &Path, source: &Source) -> Result<(String, Vec<u8>), Failure> {
    let path = match (&recipe.tokenizer, &recipe.model) {
        (Some(TokenizerSource::File(file)), _) => place.join(file),
        (Some(TokenizerSource::Bpe(_)), ModelSource::From(from)) => {
            let message = format!("`tokenizer.bpe`: the model in {from} knows the tokens of its own tokenizer only");
            return Err(Failure::usage(message).hint("leave `[tokenizer]` out"));
        }
        (Some(TokenizerSource::Bpe(tokens)), ModelSource::New(_)) => {
            return Ok(("the tokenizer of the data".to_owned(), train_bpe(&source.texts(), *tokens)?));
        }
        (None, ModelSource::From(from)) => place.join(from).join("tokenizer.json"),
        (None, ModelSource::New(_)) => return Err(Failure::usage("a new model needs `[tokenizer]`")),
    };
    Ok((path.display().to_string(), read(&path)?))
}

/// Examples as they stand in the data.
enum Examples {
    Texts(Vec<String>),
    Answers(Vec<Answer>),
    Pairs(Vec<Pair>),
}

struct Source {
    /// What to call it in messages.
    name: String,
    sha256: String,
    examples: Examples,
}

impl Source {
    fn read(recipe: &TrainingRecipe, place: &Path, stop: &AtomicBool) -> Result<Self, Failure> {
        let (file, format) = match &recipe.data.source {
            DataSource::File { file, format } => (file, format),
            DataSource::Written { rollouts } => return Self::written(*rollouts, recipe, place, stop),
            DataSource::Generated { generator, examples } => {
                return Ok(Self::generated(*generator, *examples, recipe.seed));
            }
        };
        let path = place.join(file);
        let bytes = read(&path)?;
        let name = path.display().to_string();
        let examples = match format {
            Format::Text => documents(&bytes, DOCUMENT_SEPARATOR).map(Examples::Texts),
            Format::PromptAnswer => answers(&bytes).map(Examples::Answers),
            Format::Pairs => pairs(&bytes).map(Examples::Pairs),
        };
        let examples = examples.map_err(|error| Failure::usage(format!("{name}: {error}")))?;
        Ok(Self { sha256: sha256_hex(&bytes), name, examples })
    }

    /// What the model of `model.from` writes, as pairs.
    fn written(rollouts: Rollouts, recipe: &TrainingRecipe, place: &Path, stop: &AtomicBool) -> Result<Self, Failure> {
        let ModelSource::From(from) = &recipe.model else {
            return Err(Failure::usage("`data.rollouts` needs a model that writes: give `model.from`"));
        };
        let asking = Asking {
            samples: rollouts.samples as usize,
            temperature: rollouts.temperature,
            seed: recipe.seed,
            size: rollouts.input_size as usize,
            calls: ROLLOUT_CALLS,
            jobs: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        };
        let tasks = corpus::python::tasks().into_iter().filter(|task| task.split() == corpus::Split::Train).collect();
        let all = Judge::open(asking.jobs)?.written(&place.join(from), tasks, asking, stop)?;
        rollouts::tell(&all);
        let pairing = Pairing {
            ratio_min: rollouts.ratio_min,
            cheaper_max: rollouts.cheaper_max as usize,
            right_max: rollouts.right_max as usize,
        };
        let mut examples = Vec::new();
        for one in &all {
            let candidates: Vec<_> = one.answers.iter().map(|(text, worth)| (text.as_str(), *worth)).collect();
            for (chosen, rejected) in pairs_of(&candidates, pairing) {
                let text = |at: usize| Turns::Text(one.answers[at].0.clone());
                let prompt = Turns::Text(one.task.prompt());
                examples.push(Pair {
                    line: examples.len() + 1,
                    prompt,
                    chosen: text(chosen),
                    rejected: text(rejected),
                });
            }
        }
        if examples.is_empty() {
            let message =
                "what the model wrote makes no pair: no task has a right program beside a dearer or wrong one";
            return Err(Failure::usage(message).hint("raise `samples` or `temperature`, or train the model further"));
        }
        let mut source = Self {
            name: "what the model wrote".to_owned(),
            sha256: String::new(),
            examples: Examples::Pairs(examples),
        };
        source.sha256 = sha256_hex(source.texts().join("\0").as_bytes());
        Ok(source)
    }

    fn generated(generator: Generator, count: u64, seed: u64) -> Self {
        let mut random = Random::new(seed);
        let answer = |line: u64, prompt: String, answer: String| Answer {
            line: usize::try_from(line).unwrap_or(usize::MAX),
            prompt: Turns::Text(prompt),
            answer: Turns::Text(answer),
        };
        let examples = match generator {
            Generator::Stories => Examples::Texts((0..count).map(|_| story(&mut random)).collect()),
            Generator::Arithmetic => Examples::Answers(
                (1..=count)
                    .map(|line| {
                        let sum = Addition::random(DIGITS, corpus::Split::Train, &mut random);
                        answer(line, sum.prompt(), sum.answer(true))
                    })
                    .collect(),
            ),
            Generator::PythonTasks => {
                let count = usize::try_from(count).unwrap_or(usize::MAX);
                let all = corpus::python::examples(corpus::Split::Train, count, &mut random);
                Examples::Answers((1..).zip(all).map(|(line, one)| answer(line, one.prompt, one.answer)).collect())
            }
        };
        let mut source = Self { name: "the generated data".to_owned(), sha256: String::new(), examples };
        source.sha256 = sha256_hex(source.texts().join("\0").as_bytes());
        source
    }

    /// All text in it.
    fn texts(&self) -> Vec<String> {
        let whole = |prompt: &Turns, answer: &Turns| format!("{}{}", text(prompt), text(answer));
        match &self.examples {
            Examples::Texts(texts) => texts.clone(),
            Examples::Answers(all) => all.iter().map(|one| whole(&one.prompt, &one.answer)).collect(),
            Examples::Pairs(all) => {
                let both = |pair: &Pair| [whole(&pair.prompt, &pair.chosen), whole(&pair.prompt, &pair.rejected)];
                all.iter().flat_map(both).collect()
            }
        }
    }

    fn learning(&self, recipe: &TrainingRecipe, tokenizer: &Tokenizer, limits: &Limits) -> Result<Learning, Failure> {
        let fault = |error: TokensError| Failure::usage(format!("{}: {error}", self.name));
        let (share, seed) = (recipe.data.validation_share, recipe.seed);
        match (&self.examples, preference(&recipe.objective)?) {
            (Examples::Pairs(all), Some(objective)) => {
                let (all, findings) = tokenise_pairs(all, tokenizer, &Plain, limits).map_err(fault)?;
                tell(&findings);
                Ok(Learning::Pairs { objective, examples: Split::cut(all, share, seed) })
            }
            (Examples::Answers(all), None) if recipe.objective == Objective::Sft => {
                let (all, findings) = tokenise_answers(all, tokenizer, &Plain, limits).map_err(fault)?;
                tell(&findings);
                Ok(Learning::Answers(Split::cut(all, share, seed)))
            }
            (_, None) => {
                let split = Split::cut(self.texts(), share, seed);
                let windows = Limits { tokens_max: limits.tokens_max - 1, ..*limits };
                let packed = |texts: &[String]| match texts {
                    [] => Ok(Vec::new()),
                    _ => pack(texts, tokenizer, &windows).map(|(windows, _)| windows),
                };
                let learnt = packed(&split.learnt).map_err(fault)?;
                let held_out = packed(&split.held_out).map_err(|error| {
                    fault(error).hint("of what is kept apart: give more data, or make `data.validation_share` larger")
                })?;
                Ok(Learning::Text(Split { learnt, held_out }))
            }
            (_, Some(_)) => Err(Failure::usage("the objective compares answers: `data.format` must be \"pairs\"")),
        }
    }
}

/// The first words of a mood, and a story of two to five sentences in it.
fn story(random: &mut Random) -> String {
    let mood = Mood::ALL[random.below(Mood::ALL.len())];
    let sentences = 2 + random.below(4);
    format!("{} {}", mood.prompt(), stories::story(mood, sentences, random).text)
}

fn text(turns: &Turns) -> String {
    match turns {
        Turns::Text(text) => text.clone(),
        Turns::Messages(messages) => messages.iter().map(|message| message.content.as_str()).collect(),
    }
}

fn preference(objective: &Objective) -> Result<Option<Preference>, Failure> {
    let divergence = |beta: f64, divergence: Divergence| Some(Preference::FDpo { beta, divergence });
    Ok(match *objective {
        Objective::LanguageModel | Objective::Sft => None,
        Objective::Dpo { beta } => Some(Preference::Dpo { beta }),
        Objective::FdpoForwardKl { beta } => divergence(beta, Divergence::ForwardKl),
        Objective::FdpoJensenShannon { beta } => divergence(beta, Divergence::JensenShannon),
        Objective::FdpoAlpha { beta, alpha } => {
            divergence(beta, Divergence::Alpha(Order::new(alpha).map_err(Failure::usage)?))
        }
        Objective::Tdpo1 { beta } => Some(Preference::Tdpo1 { beta }),
        Objective::Tdpo2 { beta, alpha } => Some(Preference::Tdpo2 { beta, alpha }),
    })
}

/// What happened to the examples, where anything did.
fn tell(findings: &Findings) {
    let Findings { examples, used, prompts_cut, responses_cut, empty_responses, identical_pairs, duplicates } =
        findings;
    let lines = |lines: &[usize]| {
        let shown: Vec<String> = lines.iter().take(5).map(ToString::to_string).collect();
        format!("{}{}", shown.join(", "), if lines.len() > 5 { ", ..." } else { "" })
    };
    if used < examples {
        say(format_args!("{used} of {examples} examples are learnt from"));
    }
    if !empty_responses.is_empty() {
        say(format_args!("left out, an empty response: {} (lines {})", empty_responses.len(), lines(empty_responses)));
    }
    if !identical_pairs.is_empty() {
        let count = identical_pairs.len();
        say(format_args!("left out, chosen and rejected are equal: {count} (lines {})", lines(identical_pairs)));
    }
    if prompts_cut + responses_cut > 0 {
        say(format_args!("cut to the length of a sequence: {prompts_cut} prompts, {responses_cut} responses"));
    }
    if !duplicates.is_empty() {
        let second: Vec<usize> = duplicates.iter().map(|(_, line)| *line).collect();
        say(format_args!("the same as an earlier line: {} (lines {})", duplicates.len(), lines(&second)));
    }
}
