//! What `problem.toml` says, which is also what the index holds for every problem.

use frugal_fuel::Language;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Everything of a problem but its code.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// One line for people.
    pub title: String,
    /// What it is about, such as `prefix sums`; for filters.
    pub themes: Vec<String>,
    /// Name of the function that a solution defines.
    #[serde(deserialize_with = "entry_point")]
    pub entry_point: String,
    /// Size of the inputs of each level, rising. What a size counts is the generator's choice.
    #[serde(deserialize_with = "level_sizes")]
    pub level_sizes: Vec<u32>,
    /// Sizes at which growth is measured, rising; every solution's declared exponent is that over these sizes.
    #[serde(deserialize_with = "sweep_sizes")]
    pub sweep_sizes: Vec<u32>,
    /// What is asked, as prose.
    pub statement: String,
    /// From the slowest to the best known.
    #[serde(deserialize_with = "solutions")]
    pub solutions: Vec<Solution>,
}

/// One reference solution.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Solution {
    /// Name of its files, without the extension.
    #[serde(deserialize_with = "solution_name")]
    pub name: String,
    /// Growth in the input's size `n` for people, such as `n log n`.
    pub complexity: String,
    /// Slope of log fuel over log size on the sweep, in Python. A factor of log n adds about 0.1.
    #[serde(deserialize_with = "exponent")]
    pub exponent: f64,
    /// How it works, in a sentence.
    pub idea: String,
    /// Languages it is written in; Python is always one.
    #[serde(serialize_with = "write_languages", deserialize_with = "languages")]
    pub languages: Vec<Language>,
}

/// Fewer sizes give no slope worth the name.
const SWEEP_SIZES_MIN: usize = 3;
/// Languages a solution may be written in, with the extension of its files.
pub(super) const LANGUAGES: [(Language, &str); 2] = [(Language::Python, "py"), (Language::JavaScript, "js")];

fn entry_point<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    identifier(from, "entry_point")
}

fn solution_name<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    identifier(from, "name")
}

fn identifier<'de, D: Deserializer<'de>>(from: D, field: &str) -> Result<String, D::Error> {
    let name = String::deserialize(from)?;
    if is_identifier(&name) {
        return Ok(name);
    }
    Err(D::Error::custom(format!("`{field}` is `{name}`, but must be small letters, digits and `_`, a letter first")))
}

/// Names that are safe as a folder, a file and a function alike.
pub(super) fn is_identifier(name: &str) -> bool {
    let inside = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    name.len() <= 60 && name.starts_with(|first: char| first.is_ascii_lowercase()) && name.bytes().all(inside)
}

fn level_sizes<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u32>, D::Error> {
    sizes(from, "level_sizes", 1)
}

fn sweep_sizes<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u32>, D::Error> {
    sizes(from, "sweep_sizes", SWEEP_SIZES_MIN)
}

fn sizes<'de, D: Deserializer<'de>>(from: D, field: &str, at_least: usize) -> Result<Vec<u32>, D::Error> {
    let sizes = Vec::<u32>::deserialize(from)?;
    let rises = sizes.windows(2).all(|pair| pair[0] < pair[1]);
    if sizes.len() >= at_least && sizes[0] > 0 && rises {
        return Ok(sizes);
    }
    let message = format!("`{field}` is {sizes:?}, but must be {at_least} or more sizes that rise from at least 1");
    Err(D::Error::custom(message))
}

fn exponent<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    let exponent = f64::deserialize(from)?;
    if (0.0..=10.0).contains(&exponent) {
        return Ok(exponent);
    }
    Err(D::Error::custom(format!("`exponent` is {exponent}, but must lie between 0 and 10")))
}

fn languages<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Language>, D::Error> {
    let names = Vec::<String>::deserialize(from)?;
    let mut languages = Vec::new();
    for name in &names {
        let known = LANGUAGES.iter().find(|(language, _)| language.name() == name);
        let (language, _) =
            known.ok_or_else(|| D::Error::custom(format!("`languages` has `{name}`; known are python, javascript")))?;
        if languages.contains(language) {
            return Err(D::Error::custom(format!("`languages` has `{name}` twice")));
        }
        languages.push(*language);
    }
    if !languages.contains(&Language::Python) {
        return Err(D::Error::custom("`languages` lacks `python`, in which every solution is written"));
    }
    Ok(languages)
}

fn write_languages<S: Serializer>(languages: &[Language], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(languages.iter().map(|language| language.name()))
}

fn solutions<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Solution>, D::Error> {
    let solutions = Vec::<Solution>::deserialize(from)?;
    for (at, solution) in solutions.iter().enumerate() {
        if solutions[..at].iter().any(|earlier| earlier.name == solution.name) {
            return Err(D::Error::custom(format!("`solutions` has the name `{}` twice", solution.name)));
        }
    }
    if solutions.is_empty() {
        return Err(D::Error::custom("`solutions` is empty; the last one is the reference"));
    }
    Ok(solutions)
}
