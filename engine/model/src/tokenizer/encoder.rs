use super::TokenizerError;
use super::added::AddedTokens;
use super::bpe::Bpe;
use super::decoder::Decoder;
use super::file::{self, Vocabulary as VocabularyFile};
use super::normalizer::Normalizer;
use super::post::Frame;
use super::pre_tokenizer::{PreTokenizer, Word};
use super::stream::TextStream;
use super::unigram::Unigram;
use super::vocabulary::Vocabulary;
use crate::shown::shown;

/// A tokenizer as a `tokenizer.json` describes it.
#[derive(Debug, Clone)]
pub struct Tokenizer {
    added: AddedTokens,
    normalizer: Normalizer,
    pre_tokenizer: PreTokenizer,
    vocabulary: Vocabulary,
    model: Model,
    frame: Frame,
    pub(super) decoder: Decoder,
}

#[derive(Debug, Clone)]
enum Model {
    Bpe(Bpe),
    Unigram(Unigram),
}

impl Tokenizer {
    /// Reads a `tokenizer.json`. Its settings for truncation and padding are ignored: a prompt is encoded whole.
    ///
    /// # Errors
    /// [`TokenizerError`], which names the part that is invalid or not supported.
    pub fn from_json(bytes: &[u8]) -> Result<Self, TokenizerError> {
        let mut file = file::read(bytes)?;
        let normalizer = Normalizer::read(file.normalizer)?;
        let taken = std::mem::replace(&mut file.model.vocab, VocabularyFile::Ids(Vec::new()));
        let is_bpe = file.model.kind.as_deref().is_none_or(|kind| kind == "BPE");
        let (model, vocabulary) = match (taken, file.model.kind.as_deref()) {
            (VocabularyFile::Ids(ids), _) if is_bpe => {
                let mut vocabulary = Vocabulary::default();
                for (token, id) in ids {
                    vocabulary.insert(token, id)?;
                }
                (Model::Bpe(Bpe::read(&file.model, &vocabulary)?), vocabulary)
            }
            (VocabularyFile::Scores(scores), None | Some("Unigram")) => {
                let (model, vocabulary) = Unigram::read(scores, file.model.unk_id, file.model.byte_fallback)?;
                (Model::Unigram(model), vocabulary)
            }
            (_, Some("BPE" | "Unigram")) => {
                return Err(TokenizerError::invalid("model", "its vocabulary is of another type's form"));
            }
            (_, kind) => return Err(TokenizerError::unsupported("model", shown(kind.unwrap_or("without a type")))),
        };
        let added = AddedTokens::read(std::mem::take(&mut file.added_tokens), &vocabulary, &normalizer)?;
        let frame = Frame::read(file.post_processor)?;
        if let Some(id) = frame.ids().find(|&id| added.token(id).or(vocabulary.token(id)).is_none()) {
            return Err(TokenizerError::invalid("post-processor", format!("the vocabulary has no token {id}")));
        }
        let pre_tokenizer = PreTokenizer::read(file.pre_tokenizer)?;
        let decoder = Decoder::read(file.decoder)?;
        Ok(Self { added, normalizer, pre_tokenizer, vocabulary, model, frame, decoder })
    }

    /// Token ids of a text. `special`: whether the tokens that the tokenizer puts around a text are added; those that
    /// stand in the text itself always count, so text from strangers must not be trusted to hold none.
    ///
    /// # Errors
    /// [`TokenizerError::NoToken`], [`TokenizerError::Growth`], [`TokenizerError::Pattern`].
    pub fn encode(&self, text: &str, special: bool) -> Result<Vec<u32>, TokenizerError> {
        let mut ids = Vec::new();
        ids.extend(self.frame.before.iter().filter(|_| special));
        let mut is_first = true;
        for (id, part) in self.added.cut_raw(text)? {
            match id {
                Some(id) => ids.push(id),
                None => self.encode_part(part, is_first, &mut ids)?,
            }
            is_first = false;
        }
        ids.extend(self.frame.after.iter().filter(|_| special));
        Ok(ids)
    }

    /// As [`encode`](Self::encode), for bytes that may be no UTF-8: each broken sequence counts as U+FFFD.
    ///
    /// # Errors
    /// Those of [`encode`](Self::encode).
    pub fn encode_bytes(&self, bytes: &[u8], special: bool) -> Result<Vec<u32>, TokenizerError> {
        self.encode(&String::from_utf8_lossy(bytes), special)
    }

    fn encode_part(&self, part: &str, mut is_first: bool, ids: &mut Vec<u32>) -> Result<(), TokenizerError> {
        let normalized = self.normalizer.apply(part)?;
        for (id, text) in self.added.cut_normalized(&normalized)? {
            if let Some(id) = id {
                ids.push(id);
            } else {
                for word in self.pre_tokenizer.split(Word { text: text.to_owned(), is_first })? {
                    match &self.model {
                        Model::Bpe(model) => model.encode(&word.text, &self.vocabulary, ids)?,
                        Model::Unigram(model) => model.encode(&word.text, &self.vocabulary, ids)?,
                    }
                }
            }
            is_first = false;
        }
        Ok(())
    }

    /// Text of token ids. `special`: whether special tokens are shown.
    ///
    /// # Errors
    /// [`TokenizerError::UnknownId`].
    pub fn decode(&self, ids: &[u32], special: bool) -> Result<String, TokenizerError> {
        let mut tokens = Vec::with_capacity(ids.len());
        for &id in ids {
            let token = self.token(id).ok_or(TokenizerError::UnknownId(id))?;
            if special || !self.is_special(id) {
                tokens.push(token.to_owned());
            }
        }
        self.decoder.decode(tokens)
    }

    /// Text that grows token by token, in whole characters.
    pub fn stream(&self, special: bool) -> TextStream<&Self> {
        TextStream::new(self, special)
    }

    /// The token of an id, as the vocabulary spells it.
    pub fn token(&self, id: u32) -> Option<&str> {
        self.added.token(id).or_else(|| self.vocabulary.token(id))
    }

    /// The id of a token, as the vocabulary spells it.
    pub fn id(&self, token: &str) -> Option<u32> {
        self.vocabulary.id(token).or_else(|| self.added.id(token))
    }

    /// Whether a token only structures a text, such as its beginning.
    pub fn is_special(&self, id: u32) -> bool {
        self.added.is_special(id)
    }

    /// Distinct tokens, added ones included. A model's embedding may have more rows.
    pub fn len(&self) -> usize {
        self.vocabulary.len() + self.added.ids().filter(|&id| self.vocabulary.token(id).is_none()).count()
    }

    /// Whether there is no token at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
