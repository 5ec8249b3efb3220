//! Examples as tokens: prompt and response apart, then one after the other, the end of text after them.

use std::collections::BTreeMap;

use super::dialogue::{Dialogue, Message};
use super::lines::{Answer, LineError, Pair, Turns};

/// A tokenizer, as data need it.
pub trait Encode {
    /// Tokens of a text, without any that a tokenizer adds by itself.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    fn encode(&self, text: &str) -> Result<Vec<u32>, String>;
}

impl Encode for frugal_model::tokenizer::Tokenizer {
    fn encode(&self, text: &str) -> Result<Vec<u32>, String> {
        Self::encode(self, text, false).map_err(|error| error.to_string())
    }
}

impl<F: Fn(&str) -> Result<Vec<u32>, String>> Encode for F {
    fn encode(&self, text: &str) -> Result<Vec<u32>, String> {
        self(text)
    }
}

/// How long examples may be, and what ends them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Tokens of prompt and response together, 2 or more.
    pub tokens_max: usize,
    /// Tokens of the prompt alone, where that is bounded too.
    pub prompt_tokens_max: Option<usize>,
    /// The token that ends a response.
    pub end: u32,
    /// The model's vocabulary.
    pub vocabulary: usize,
}

/// A prompt and one response. The response ends with the end of text unless it was cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponseTokens {
    /// Line of the file, from 1.
    pub line: usize,
    /// At least one token.
    pub prompt: Vec<u32>,
    /// At least one token.
    pub response: Vec<u32>,
}

/// One prompt and its two responses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairTokens {
    /// Line of the file, from 1.
    pub line: usize,
    /// At least one token, the same for both.
    pub prompt: Vec<u32>,
    /// The better response.
    pub chosen: Vec<u32>,
    /// The worse response.
    pub rejected: Vec<u32>,
}

/// What happened to the examples of a file. Lines are counted from 1.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Findings {
    /// Examples of the file.
    pub examples: usize,
    /// Examples that are learnt from.
    pub used: usize,
    /// Prompts that lost their beginning.
    pub prompts_cut: usize,
    /// Responses that lost their end.
    pub responses_cut: usize,
    /// Left out: a response with nothing in it.
    pub empty_responses: Vec<usize>,
    /// Left out: chosen and rejected are the same tokens, as given or after the cut.
    pub identical_pairs: Vec<usize>,
    /// Learnt from, and the same as an earlier line: both lines.
    pub duplicates: Vec<(usize, usize)>,
}

/// Why examples are refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokensError {
    /// A bound that no example can keep.
    #[error("{0}")]
    Limits(&'static str),
    /// A line that cannot become tokens.
    #[error("{0}")]
    Line(LineError),
    /// All examples were left out.
    #[error("no example is left of {examples}: {empty} have empty responses, {identical} have equal responses")]
    NothingLeft {
        /// Examples of the file.
        examples: usize,
        /// Of them, those with an empty response.
        empty: usize,
        /// Of them, those with equal responses.
        identical: usize,
    },
}

/// Answers as tokens.
///
/// # Errors
/// [`TokensError`] when a line cannot become tokens, or none is left.
pub fn tokenise_answers(
    examples: &[Answer],
    encode: &dyn Encode,
    dialogue: &dyn Dialogue,
    limits: &Limits,
) -> Result<(Vec<ResponseTokens>, Findings), TokensError> {
    let mut reader = Reader::new(encode, dialogue, limits)?;
    let (mut all, mut seen) = (Vec::new(), BTreeMap::new());
    for Answer { line, prompt, answer } in examples {
        let line = *line;
        let Some((prompt, [response])) = reader.example(line, prompt, [answer])? else { continue };
        let (prompt, [response]) = reader.cut(prompt, [response]);
        reader.note_duplicate(&mut seen, line, (prompt.clone(), response.clone()));
        all.push(ResponseTokens { line, prompt, response });
    }
    Ok((reader.finish(all.len())?, all)).map(|(findings, all)| (all, findings))
}

/// Pairs as tokens.
///
/// # Errors
/// [`TokensError`] when a line cannot become tokens, or none is left.
pub fn tokenise_pairs(
    examples: &[Pair],
    encode: &dyn Encode,
    dialogue: &dyn Dialogue,
    limits: &Limits,
) -> Result<(Vec<PairTokens>, Findings), TokensError> {
    let mut reader = Reader::new(encode, dialogue, limits)?;
    let (mut all, mut seen) = (Vec::new(), BTreeMap::new());
    for Pair { line, prompt, chosen, rejected } in examples {
        let line = *line;
        let Some((prompt, responses)) = reader.example(line, prompt, [chosen, rejected])? else { continue };
        let (prompt, [chosen, rejected]) = reader.cut(prompt, responses);
        if chosen == rejected {
            reader.findings.identical_pairs.push(line);
            continue;
        }
        reader.note_duplicate(&mut seen, line, (prompt.clone(), chosen.clone(), rejected.clone()));
        all.push(PairTokens { line, prompt, chosen, rejected });
    }
    Ok((reader.finish(all.len())?, all)).map(|(findings, all)| (all, findings))
}

/// A prompt and its responses.
type Tokens<const N: usize> = (Vec<u32>, [Vec<u32>; N]);

struct Reader<'a> {
    encode: &'a dyn Encode,
    dialogue: &'a dyn Dialogue,
    limits: &'a Limits,
    findings: Findings,
}

impl<'a> Reader<'a> {
    fn new(encode: &'a dyn Encode, dialogue: &'a dyn Dialogue, limits: &'a Limits) -> Result<Self, TokensError> {
        if limits.tokens_max < 2 {
            return Err(TokensError::Limits("an example needs a token of prompt and one of response: allow 2 or more"));
        }
        if limits.prompt_tokens_max == Some(0) {
            return Err(TokensError::Limits("a prompt needs a token, from which the response's first is predicted"));
        }
        if usize::try_from(limits.end).map_or(true, |end| end >= limits.vocabulary) {
            return Err(TokensError::Limits("the end of text is outside the model's vocabulary"));
        }
        Ok(Self { encode, dialogue, limits, findings: Findings::default() })
    }

    /// Prompt and responses with their ends; nothing where a response is empty.
    fn example<const N: usize>(
        &mut self,
        line: usize,
        prompt: &Turns,
        responses: [&Turns; N],
    ) -> Result<Option<Tokens<N>>, TokensError> {
        self.findings.examples += 1;
        let fault = |reason: String| TokensError::Line(LineError { line, reason });
        let prompt_text = self.prompt(prompt).map_err(fault)?;
        let prompt_tokens = self.tokens(&prompt_text).map_err(fault)?;
        if prompt_tokens.is_empty() {
            return Err(fault("the prompt is empty; the response's first token is predicted from it".to_owned()));
        }
        let mut all = [const { Vec::new() }; N];
        for (response, tokens) in responses.into_iter().zip(&mut all) {
            let text = self.response(prompt, &prompt_text, response).map_err(fault)?;
            if text.trim().is_empty() {
                self.findings.empty_responses.push(line);
                return Ok(None);
            }
            *tokens = self.tokens(&text).map_err(fault)?;
            if tokens.last() != Some(&self.limits.end) {
                tokens.push(self.limits.end);
            }
        }
        Ok(Some((prompt_tokens, all)))
    }

    fn prompt(&self, prompt: &Turns) -> Result<String, String> {
        match prompt {
            Turns::Text(text) => Ok(text.clone()),
            Turns::Messages(messages) => self.dialogue.prompt(messages),
        }
    }

    /// The text of a response alone. Where prompt and response are messages, it is what the whole conversation has beyond the
    /// prompt.
    fn response(&self, prompt: &Turns, prompt_text: &str, response: &Turns) -> Result<String, String> {
        match (prompt, response) {
            (_, Turns::Text(text)) => Ok(text.clone()),
            (Turns::Messages(before), Turns::Messages(after)) => {
                let messages: Vec<Message> = before.iter().chain(after).cloned().collect();
                let whole = self.dialogue.whole(&messages)?;
                let rest = whole.strip_prefix(prompt_text);
                rest.map(str::to_owned).ok_or_else(|| {
                    "the chat template writes the prompt in another way once an answer follows it; give texts instead".into()
                })
            }
            (Turns::Text(_), Turns::Messages(_)) => {
                Err("the prompt is a text and the response a list of messages; give both as texts or as messages"
                    .into())
            }
        }
    }

    fn tokens(&self, text: &str) -> Result<Vec<u32>, String> {
        let tokens = self.encode.encode(text)?;
        let vocabulary = self.limits.vocabulary;
        let outside = |token: &&u32| usize::try_from(**token).map_or(true, |token| token >= vocabulary);
        match tokens.iter().find(outside) {
            Some(token) => Err(format!(
                "token {token} is outside the model's vocabulary of {vocabulary}; tokenizer and model do not belong together"
            )),
            None => Ok(tokens),
        }
    }

    /// The prompt loses its beginning first, down to one token, and then responses lose their ends. All responses follow the
    /// same prompt.
    fn cut<const N: usize>(&mut self, mut prompt: Vec<u32>, mut responses: [Vec<u32>; N]) -> (Vec<u32>, [Vec<u32>; N]) {
        let longest = responses.iter().map(Vec::len).max().unwrap_or(0);
        let room = self.limits.tokens_max.saturating_sub(longest).max(1);
        let room = room.min(self.limits.prompt_tokens_max.unwrap_or(room));
        if prompt.len() > room {
            prompt.drain(..prompt.len() - room);
            self.findings.prompts_cut += 1;
        }
        let room = self.limits.tokens_max - prompt.len();
        for response in &mut responses {
            if response.len() > room {
                response.truncate(room);
                self.findings.responses_cut += 1;
            }
        }
        (prompt, responses)
    }

    fn note_duplicate<K: Ord>(&mut self, seen: &mut BTreeMap<K, usize>, line: usize, key: K) {
        let first = *seen.entry(key).or_insert(line);
        if first != line {
            self.findings.duplicates.push((first, line));
        }
    }

    fn finish(mut self, used: usize) -> Result<Findings, TokensError> {
        self.findings.used = used;
        let Findings { examples, empty_responses, identical_pairs, .. } = &self.findings;
        let (empty, identical) = (empty_responses.len(), identical_pairs.len());
        if used == 0 {
            Err(TokensError::NothingLeft { examples: *examples, empty, identical })
        } else {
            Ok(self.findings)
        }
    }
}

/// Documents one after the other with the end of text between them, as windows of `tokens` inputs and their next tokens, so
/// that each window is one longer. The second number is how many tokens at the end fill no window.
///
/// # Errors
/// [`TokensError`] when a document cannot become tokens, or all together fill no window.
pub fn pack(documents: &[String], encode: &dyn Encode, limits: &Limits) -> Result<(Vec<Vec<u32>>, usize), TokensError> {
    let reader = Reader::new(encode, &super::Plain, limits)?;
    let mut all = Vec::new();
    for (line, document) in (1..).zip(documents) {
        let reason = |reason| TokensError::Line(LineError { line, reason });
        all.extend(reader.tokens(document).map_err(reason)?);
        all.push(limits.end);
    }
    let mut windows: Vec<Vec<u32>> = Vec::new();
    let mut start = 0;
    while start + limits.tokens_max < all.len() {
        windows.push(all[start..=start + limits.tokens_max].to_vec());
        start += limits.tokens_max;
    }
    if windows.is_empty() {
        return Err(TokensError::Limits(
            "all documents together are shorter than one window; give more text or a shorter one",
        ));
    }
    Ok((windows, all.len() - start - 1))
}
