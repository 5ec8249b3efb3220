//! What a model learns from: lines of a file become examples, examples become tokens, and everything that was cut, left out
//! or looked odd on the way is told with its line.

mod dialogue;
mod lines;
mod order;
mod tokens;

pub use dialogue::{Dialogue, Message, Plain, Templated};
pub use lines::{Answer, DataError, LineError, Pair, Turns, answers, documents, pairs};
pub use order::Order;
pub use tokens::{
    Encode, Findings, Limits, PairTokens, ResponseTokens, TokensError, pack, tokenise_answers, tokenise_pairs,
};

#[cfg(test)]
mod tests;
