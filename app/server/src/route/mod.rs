//! The API, by noun.

pub(crate) mod evaluations;
pub(crate) mod health;
pub(crate) mod openai;
pub(crate) mod openapi;
pub(crate) mod problems;
pub(crate) mod run;
