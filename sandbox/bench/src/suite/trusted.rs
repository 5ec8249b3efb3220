//! Replies of trusted instances: generated inputs, and what a checker said.

use frugal_guests::RawReply;
use serde::Deserialize;
use serde_json::value::RawValue;

/// What the checker said of one output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CaseVerdict {
    /// Correct.
    Right,
    /// Not correct.
    Wrong,
    /// The checker raised this exception over it.
    Raised(String),
}

/// A list of `count` tuples: for each one the tagged JSON array of its items. The error is a sentence.
pub(super) fn tuples(reply: &[u8], count: usize) -> Result<Vec<String>, String> {
    #[derive(Deserialize)]
    struct Tuple<'a> {
        #[serde(borrow)]
        t: &'a RawValue,
    }
    let text = RawReply::from_json(reply).map_err(|error| error.to_string())?.value;
    let tuples: Vec<Tuple<'_>> = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if tuples.len() != count {
        return Err(format!("{} inputs instead of {count}", tuples.len()));
    }
    Ok(tuples.into_iter().map(|tuple| tuple.t.get().to_owned()).collect())
}

/// A list of `count` verdicts, each a boolean or the name of an exception. The error is a sentence.
pub(super) fn verdicts(reply: &[u8], count: usize) -> Result<Vec<CaseVerdict>, String> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Said {
        Plain(bool),
        Raised(String),
    }
    let text = RawReply::from_json(reply).map_err(|error| error.to_string())?.value;
    let said: Vec<Said> = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if said.len() != count {
        return Err(format!("{} verdicts instead of {count}", said.len()));
    }
    let verdict = |said| match said {
        Said::Plain(true) => CaseVerdict::Right,
        Said::Plain(false) => CaseVerdict::Wrong,
        Said::Raised(kind) => CaseVerdict::Raised(kind),
    };
    Ok(said.into_iter().map(verdict).collect())
}

/// The list of `(arguments, answer, output)` that a checker takes, from the tagged JSON of each.
pub(super) fn triples<'a>(cases: impl IntoIterator<Item = (&'a str, &'a str, &'a str)>) -> String {
    let mut text = String::from("[[");
    for (at, (input, answer, output)) in cases.into_iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        for part in ["{\"t\":[{\"t\":", input, "},", answer, ",", output, "]}"] {
            text.push_str(part);
        }
    }
    text.push_str("]]");
    text
}
