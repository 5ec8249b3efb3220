//! A tokenizer of our own data.

use tokenizers::models::bpe::{BPE, BpeTrainer};
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::{
    AddedToken, DecoderWrapper, NormalizerWrapper, PostProcessorWrapper, PreTokenizerWrapper, TokenizerImpl,
};

use crate::failure::Failure;

/// The token that ends a text.
pub(crate) const END_OF_TEXT: &str = "<|endoftext|>";
/// Bytes, and the token that ends a text.
const TOKENS_MIN: u32 = 257;
/// Times that a pair must occur to become a token.
const OCCURRENCES_MIN: u64 = 2;

type Bpe = TokenizerImpl<BPE, NormalizerWrapper, PreTokenizerWrapper, PostProcessorWrapper, DecoderWrapper>;

/// Byte-level BPE of at most `tokens` tokens as `tokenizer.json`. The same texts give the same file.
pub(crate) fn train_bpe(texts: &[String], tokens: u32) -> Result<Vec<u8>, Failure> {
    if tokens < TOKENS_MIN {
        let message = format!("`tokenizer.bpe` is {tokens}, it must be at least {TOKENS_MIN}");
        return Err(Failure::usage(message).hint("256 bytes and the end of text come first"));
    }
    let bytes = || ByteLevel::new(false, true, true);
    let mut tokenizer: Bpe = TokenizerImpl::new(BPE::default());
    tokenizer.with_pre_tokenizer(Some(PreTokenizerWrapper::ByteLevel(bytes())));
    tokenizer.with_decoder(Some(DecoderWrapper::ByteLevel(bytes())));
    let mut trainer = BpeTrainer::builder()
        .vocab_size(tokens as usize)
        .min_frequency(OCCURRENCES_MIN)
        .show_progress(false)
        .special_tokens(vec![AddedToken::from(END_OF_TEXT, true)])
        .initial_alphabet(ByteLevel::alphabet().into_iter().collect())
        .build();
    let trained = tokenizer.train(&mut trainer, texts.iter().map(String::as_str));
    let json = trained.and_then(|tokenizer| tokenizer.to_string(true));
    json.map(String::into_bytes).map_err(|error| Failure::infrastructure(format!("tokenizer: {error}")))
}

#[cfg(test)]
mod tests {
    use frugal_model::tokenizer::Tokenizer;

    use super::*;

    fn texts() -> Vec<String> {
        (0..300).map(|n| format!("def double_{n}(numbers):\n    return [2 * x for x in numbers]\n")).collect()
    }

    #[test]
    fn our_reader_reads_what_was_trained_as_its_maker_does() {
        let json = train_bpe(&texts(), 320).unwrap();
        assert_eq!(train_bpe(&texts(), 320).unwrap(), json);
        let (ours, theirs) = (Tokenizer::from_json(&json).unwrap(), tokenizers::Tokenizer::from_bytes(&json).unwrap());
        assert_eq!((ours.len(), ours.id(END_OF_TEXT)), (theirs.get_vocab_size(true), Some(0)));
        assert!((300..=320).contains(&ours.len()), "{} tokens", ours.len());
        for text in ["def double_7(numbers):\n", "  x = [1,\t2]\n\n", "naïve 🙂 e\u{301}", "", "return"] {
            let expected = theirs.encode(text, false).unwrap().get_ids().to_vec();
            assert_eq!(ours.encode(text, false).unwrap(), expected, "{text:?}");
            assert_eq!(ours.decode(&expected, true).unwrap(), text);
        }
    }

    #[test]
    fn fewer_tokens_than_bytes_are_refused() {
        assert!(train_bpe(&texts(), 256).unwrap_err().sentence().contains("at least 257"));
    }
}
