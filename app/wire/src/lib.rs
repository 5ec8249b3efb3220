//! Messages between a page and whoever computes for it, and the state a share link carries.
//!
//! [`ToWorker`] and [`ToPage`] cross `postMessage` by [`encode`] and [`decode`], where every `u64` is a
//! BigInt, so that 2^53 + 1 arrives as itself. [`ShareState`] is what a link holds, and [`RunView`] what
//! a page shows of a run, whether it came from the worker or, as JSON, from a server.
//!
//! Start at [`ToWorker`], and for models at [`ToModel`].

mod evaluate;
mod model;
mod program;
mod run;
mod share;
mod to_page;
mod to_worker;

#[cfg(target_arch = "wasm32")]
mod js;

pub use evaluate::{
    EvaluateRequest, EvaluationOptions, EvaluationRow, EvaluationSummary, ExportFile, InputFile, Metric,
};
pub use model::{
    BackendChoice, ChatMessage, FromModel, GenerateRequest, HeldAs, LoadedModel, LocalFile, ModelAbout, ModelPlace,
    ModelPrompt, ShippedModel, TimelineView, ToModel, WeightStorage,
};
pub use program::{Code, Input, Language, Limits, Program};
pub use run::{RunError, RunView};
pub use share::{SHARE_VERSION, ShareError, ShareState, TEXT_MAX_BYTES};
pub use to_page::{GuestStage, GuestStatus, Ready, StorageMode, ToPage, WorkerEvent};
pub use to_worker::{JobId, RunRequest, Start, ToWorker};

#[cfg(target_arch = "wasm32")]
pub use js::{WireError, decode, encode, spawn_worker};

/// Version of these messages. A page and a worker of different versions refuse each other and ask for a reload.
pub const WIRE_VERSION: u32 = 4;
