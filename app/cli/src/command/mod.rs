//! One file per verb.

pub(crate) mod chat;
pub(crate) mod compare;
pub(crate) mod eval;
pub(crate) mod generate;
pub(crate) mod guest;
pub(crate) mod model;
pub(crate) mod optimize;
pub(crate) mod problems;
pub(crate) mod report;
pub(crate) mod run;
pub(crate) mod score;
pub(crate) mod serve;
pub(crate) mod train;
