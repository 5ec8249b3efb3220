//! Recipes carried out: the endpoint asked, programs run, answers recorded.

mod answers;
mod arguments;
mod carry_out;
mod origin;
mod session;

pub(crate) use answers::{Answers, Header};
pub(crate) use arguments::ModelArgs;
pub(crate) use carry_out::{Asker, Recipe, Trouble, carry_out};
pub(crate) use origin::{check_files, provenance};
pub(crate) use session::Session;
