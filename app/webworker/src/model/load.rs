//! From files to a session.

use std::future::poll_fn;

use frugal_gpu::{Gpu, OpenError, Options};
use frugal_model::config::Config;
use frugal_model::weights::{Listing, Stream};
use frugal_session::{Event, MatrixOrder, Opening, Prompt, Request, Sampling, Session};
use frugal_tensor::{Backend, Cpu};
use frugal_wire::{BackendChoice, FromModel, HeldAs, JobId, LoadedModel, ModelAbout, ModelPlace};

use super::download::{Download, Remote};
use super::place::{Found, Manifest, architecture, context, options};
use super::{Problem, Stopped};
use crate::scope::{now_ms, post};
use crate::storage::Storage;

const HINT_MODEL: &str = "Choose another model, or fetch this one again.";
/// Tokens that a backend reads and writes when it is measured.
const PACE_TOKENS: usize = 8;
/// Bytes between two reports of progress.
const PROGRESS_BYTES: u64 = 512 << 10;

/// A model whose files are known, on its way into a backend's memory.
struct Filling<'a> {
    loading: &'a Loading<'a>,
    found: &'a Found,
    config: &'a Config,
    order: MatrixOrder,
    held: HeldAs,
    total_bytes: u64,
}

/// A session, why this backend, and what to know besides.
type Filled = (Session, Option<String>, Vec<String>);

impl Filling<'_> {
    async fn choose(&self) -> Result<Filled, End> {
        match self.held.backend {
            BackendChoice::Cpu => self.fill(Box::new(Cpu::fast())).await.map(|(session, notes)| (session, None, notes)),
            BackendChoice::Gpu => {
                let gpu = self.gpu().await.map_err(|error| Problem::new(error, "Let the processor compute."))?;
                self.fill(Box::new(gpu)).await.map(|(session, notes)| (session, None, notes))
            }
            BackendChoice::Auto => self.faster().await,
        }
    }

    async fn gpu(&self) -> Result<Gpu, OpenError> {
        self.loading.say("testing the kernels of WebGPU", 0, 0);
        Gpu::open(Options::default()).await
    }

    /// Whichever writes faster here, by letting both write a few tokens.
    async fn faster(&self) -> Result<Filled, End> {
        let (mut on_cpu, notes) = self.fill(Box::new(Cpu::fast())).await?;
        let gpu = match self.gpu().await {
            Ok(gpu) => gpu,
            Err(error) => return Ok((on_cpu, Some(format!("On the processor: {error}.")), notes)),
        };
        let name = gpu.adapter().name.clone();
        let filled = self.fill(Box::new(gpu)).await;
        let mut on_gpu = match filled {
            Ok((session, _)) => session,
            Err(End::Stopped) => return Err(End::Stopped),
            Err(End::Problem(problem)) => {
                let choice = format!("On the processor: {name} could not hold the model ({}).", problem.message);
                return Ok((on_cpu, Some(choice), notes));
            }
        };
        self.loading.say("measuring both", 0, 0);
        let (cpu_ms, gpu_ms) = (pace(&mut on_cpu).await, pace(&mut on_gpu).await);
        Ok(match (cpu_ms, gpu_ms) {
            (Some(cpu_ms), Some(gpu_ms)) => {
                let choice = format!(
                    "Measured here: {cpu_ms:.2} ms a token on the processor, {gpu_ms:.2} ms by WebGPU on {name}; the faster one is used."
                );
                (if gpu_ms < cpu_ms { on_gpu } else { on_cpu }, Some(choice), notes)
            }
            _ => (on_cpu, Some(format!("On the processor: {name} wrote nothing when it was measured.")), notes),
        })
    }

    /// Streams the weights into a backend.
    async fn fill(&self, backend: Box<dyn Backend>) -> Result<(Session, Vec<String>), End> {
        let Self { loading, found, config, order, held, total_bytes } = *self;
        let begun_ms = now_ms();
        let unusable = |error: frugal_session::OpenError| Problem::new(error, HINT_MODEL);
        let mut opening =
            Opening::new(config.clone(), order, &found.files(), options(config, held), backend).map_err(unusable)?;
        loading.say("loading the weights", 0, total_bytes);
        let mut notes = Vec::new();
        let (mut done_bytes, mut said_bytes) = (0, 0);
        for remote in &found.weights {
            let bytes = remote.bytes.unwrap_or(0);
            let mut stream = Stream::new(&remote.name, bytes);
            let mut download = Download::new(remote, loading.storage, bytes);
            while let Some(piece) = download.next().await? {
                if loading.stopped.borrow_mut().remove(&loading.id) {
                    return Err(End::Stopped);
                }
                if let Err(error) = opening.push(&mut stream, &piece) {
                    // What is no model is not kept: the next load asks the host again.
                    remote.forget(loading.storage).await;
                    return Err(unusable(error).into());
                }
                done_bytes += piece.len() as u64;
                if done_bytes >= said_bytes + PROGRESS_BYTES || done_bytes == total_bytes {
                    said_bytes = done_bytes;
                    loading.say("loading the weights", done_bytes, total_bytes);
                }
            }
            if remote.keep && !download.kept {
                notes.push(format!("{} could not be kept in this browser: its storage is full or denied", remote.name));
            }
            if remote.sha256.is_none() && remote.keep {
                notes.push(format!("{} came without a digest, so its content is not checked", remote.name));
            }
            if let Err(error) = stream.finish() {
                remote.forget(loading.storage).await;
                return Err(Problem::new(error, HINT_MODEL).into());
            }
        }
        let session = opening.finish(Some(now_ms() - begun_ms)).map_err(unusable)?;
        Ok((session, notes))
    }
}

/// Milliseconds that a token takes: the median of a few. `None` where none came.
async fn pace(session: &mut Session) -> Option<f64> {
    let prompt = Prompt::Tokens(vec![0; PACE_TOKENS]);
    let request =
        Request { prompt, max_tokens: PACE_TOKENS, sampling: Sampling::GREEDY, stop: Vec::new(), logprobs: None };
    let begun_ms = now_ms();
    session.submit(request, begun_ms).ok()?;
    let mut events = Vec::new();
    loop {
        poll_fn(|context| session.poll(context, &mut now_ms, &mut events)).await;
        for (_, event) in events.drain(..) {
            match event {
                Event::Finished { timeline, .. } => {
                    let timeline = timeline?;
                    let whole_ms = (now_ms() - begun_ms) / timeline.tokens.max(1) as f64;
                    return Some(timeline.token_p50_ms.unwrap_or(whole_ms));
                }
                Event::Failed(_) => return None,
                Event::Prefill { .. } | Event::Token { .. } => {}
            }
        }
    }
}

/// Why there is no session.
pub(super) enum End {
    Stopped,
    Problem(Problem),
}

impl From<Problem> for End {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

/// What a load needs to know.
pub(super) struct Loading<'a> {
    pub(super) id: JobId,
    pub(super) base_url: &'a str,
    pub(super) manifest: &'a Manifest,
    pub(super) storage: &'a Storage,
    pub(super) stopped: &'a Stopped,
}

impl Loading<'_> {
    pub(super) async fn inspect(&self, place: &ModelPlace, held: HeldAs) -> Result<ModelAbout, Problem> {
        let mut found = Found::read(place, self.base_url, self.manifest).await?;
        let config = match &found.config {
            Some(config) => config.clone(),
            None => self.gguf(&mut found.weights[0]).await?,
        };
        found.about(&config, held, self.storage).await
    }

    pub(super) async fn load(&self, place: &ModelPlace, held: HeldAs) -> Result<(Session, LoadedModel), End> {
        let begun_ms = now_ms();
        self.say("reading the model's settings", 0, 0);
        let mut found = Found::read(place, self.base_url, self.manifest).await?;
        let (config, order) = match &found.config {
            Some(config) => (config.clone(), MatrixOrder::Transformers),
            None => (self.gguf(&mut found.weights[0]).await?, MatrixOrder::OutputFirst),
        };
        let about = found.about(&config, held, self.storage).await?;
        if !about.fits {
            let message = format!(
                "the model needs {} bytes of memory, of {} that a worker can have",
                about.weights_bytes + about.cache_bytes,
                about.limit_bytes
            );
            let hint = "Choose 8-bit or 4-bit weights, a shorter context, or a smaller model.";
            return Err(Problem::new(message, hint).into());
        }
        let total_bytes = about.download_bytes + about.kept_bytes;
        let filling = Filling { loading: self, found: &found, config: &config, order, held, total_bytes };
        let (session, choice, notes) = filling.choose().await?;
        let memory = session.memory();
        let model = LoadedModel {
            title: found.title.clone(),
            backend: session.backend(),
            choice,
            architecture: architecture(&config).to_owned(),
            parameters: config.parameters(),
            context: context(&config, held),
            has_chat: found.has_chat(),
            load_ms: now_ms() - begun_ms,
            weights_bytes: memory.weights_bytes as u64,
            cache_bytes: memory.cache_bytes as u64,
            scratch_bytes: memory.scratch_bytes as u64,
            notes,
        };
        Ok((session, model))
    }

    /// The configuration in the header of a GGUF file.
    async fn gguf(&self, remote: &mut Remote) -> Result<Config, Problem> {
        let bytes = remote.measure().await?;
        let mut stream = Stream::new(&remote.name, bytes);
        let mut download = Download::new(remote, self.storage, bytes);
        let unusable = |error: &dyn std::fmt::Display| Problem::new(error, HINT_MODEL);
        while let Some(piece) = download.next().await? {
            stream.push(&piece, &mut |_, _| Ok(())).map_err(|error| unusable(&error))?;
            if let Some(Listing { metadata, .. }) = stream.listing() {
                let metadata =
                    metadata.as_ref().ok_or_else(|| unusable(&format!("{} is no GGUF file", remote.name)))?;
                let has_head = stream
                    .listing()
                    .is_some_and(|listing| listing.entries.iter().any(|entry| entry.name == "lm_head.weight"));
                return Config::from_gguf(metadata, has_head).map_err(|error| unusable(&error));
            }
        }
        Err(unusable(&format!("{} ends within its header", remote.name)))
    }

    fn say(&self, note: &str, done_bytes: u64, total_bytes: u64) {
        post(&FromModel::Loading { id: self.id, note: note.to_owned(), done_bytes, total_bytes });
    }
}
