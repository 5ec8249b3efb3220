//! The parts put together.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use frugal_jobs::{Store, StoreError, StoreOptions};
use frugal_report::RunReport;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};

use crate::events::Board;
use crate::guard::{Guard, guard};
use crate::model::{ModelSource, Models};
use crate::page::{self, Page};
use crate::pool::Pool;
use crate::problem_sets::{ProblemSetError, ProblemSets};
use crate::route::{evaluations, health, openai, openapi, problems, run};
use crate::worker::{Evaluate, Worker};
use crate::{ApiError, Cancel, Compute, Config};

/// What every request may use.
pub(crate) struct App {
    pub(crate) config: Config,
    pub(crate) compute: Arc<dyn Compute>,
    pub(crate) store: Arc<Store>,
    pub(crate) board: Arc<Board>,
    pub(crate) worker: Arc<Worker>,
    pub(crate) pool: Pool<RunReport>,
    pub(crate) streams: Arc<Semaphore>,
    pub(crate) stopping: Cancel,
    pub(crate) problem_sets: ProblemSets,
    pub(crate) models: Models,
    requests: Semaphore,
}

/// A server that is bound to its address but does not answer yet.
pub struct Server {
    app: Arc<App>,
    evaluate: Arc<Evaluate>,
    listener: TcpListener,
}

/// The server could not start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address is taken or not ours.
    #[error("cannot listen on {address}: {source}; choose another with --listen")]
    Listen {
        /// What was asked for.
        address: SocketAddr,
        /// The system's reason.
        source: io::Error,
    },
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The threads or signal handlers cannot be had.
    #[error("cannot start the server's threads: {0}")]
    Runtime(io::Error),
    /// A shipped problem set cannot be read.
    #[error(transparent)]
    Problems(#[from] ProblemSetError),
    /// A model cannot be opened.
    #[error("model {name}: {message}")]
    Model {
        /// Its name.
        name: String,
        /// Why.
        message: String,
    },
    /// The page's folder is not one.
    #[error("{path} holds no index.html; build the page with `trunk build --release` or leave --static out")]
    NoPage {
        /// What was asked for.
        path: std::path::PathBuf,
    },
}

impl Server {
    /// Opens the store and the models, and binds the address.
    ///
    /// # Errors
    /// [`ServeError`], by cause.
    pub async fn open(config: Config, compute: Arc<dyn Compute>, models: Vec<ModelSource>) -> Result<Self, ServeError> {
        let evaluate = crate::evaluate::evaluator(Arc::clone(&compute), config.jobs);
        let opened = tokio::task::spawn_blocking(move || Models::open(models)).await;
        let opened = opened.map_err(|panic| ServeError::Runtime(io::Error::other(panic)))?;
        let models = opened.map_err(|(name, message)| ServeError::Model { name, message })?;
        Self::open_with(config, compute, models, evaluate).await
    }

    pub(crate) async fn open_with(
        mut config: Config,
        compute: Arc<dyn Compute>,
        models: Models,
        evaluate: Arc<Evaluate>,
    ) -> Result<Self, ServeError> {
        if let Some(path) = &config.static_folder
            && !path.join("index.html").is_file()
        {
            return Err(ServeError::NoPage { path: path.clone() });
        }
        let problem_sets = ProblemSets::read(config.problems_folder.as_deref())?;
        let options = StoreOptions { capacity: config.evaluations_waiting_max, ..StoreOptions::default() };
        let store = Arc::new(Store::open(&config.data_folder, options)?);
        let listen_error = |source| ServeError::Listen { address: config.listen, source };
        let listener = TcpListener::bind(config.listen).await.map_err(listen_error)?;
        config.listen = listener.local_addr().map_err(listen_error)?;
        let board = Arc::new(Board::default());
        let app = App {
            pool: Pool::new(config.jobs, config.runs_waiting_max),
            streams: Arc::new(Semaphore::new(config.streams_max)),
            requests: Semaphore::new(config.requests_max),
            worker: Arc::new(Worker::new(Arc::clone(&store), Arc::clone(&board))),
            stopping: Cancel::default(),
            problem_sets,
            models,
            config,
            compute,
            store,
            board,
        };
        Ok(Self { app: Arc::new(app), evaluate, listener })
    }

    /// Where it listens; the port is a real one even if 0 was asked for.
    pub fn address(&self) -> SocketAddr {
        self.app.config.listen
    }

    /// A flag that stops the server from anywhere.
    pub fn stopping(&self) -> Cancel {
        self.app.stopping.clone()
    }

    /// Answers until stopped; then requests under way get their deadline to finish, and the evaluation
    /// under way is handed back to the queue.
    pub async fn serve(self) {
        let Self { app, evaluate, listener } = self;
        if !app.config.listen.ip().is_loopback() {
            tracing::warn!(
                address = %app.config.listen,
                "listening beyond this machine: anyone who reaches this address can run code in the sandbox"
            );
        }
        tracing::info!(address = %app.config.listen, "listening");
        let worker = tokio::spawn(Arc::clone(&app.worker).work(evaluate, app.stopping.clone()));
        crate::listen::serve(listener, router(&app), &app.config, &app.stopping).await;
        if tokio::time::timeout(app.config.shutdown_deadline, worker).await.is_err() {
            tracing::warn!("the evaluation under way did not stop in time; its finished steps are stored");
        }
        tracing::info!("stopped");
    }
}

fn router(app: &Arc<App>) -> Router {
    let api = Router::new()
        .route("/api/run", post(run::run))
        .route("/api/evaluations", post(evaluations::submit).get(evaluations::list))
        .route("/api/evaluations/{id}", get(evaluations::read).delete(evaluations::delete))
        .route("/api/evaluations/{id}/result", get(evaluations::result))
        .route("/api/evaluations/{id}/cancel", post(evaluations::cancel))
        .route("/api/problems", get(problems::problems))
        .route("/api/guests", get(health::guests))
        .route("/api/health", get(health::health))
        .route("/api/openapi.json", get(openapi::openapi))
        .route("/v1/models", get(openai::models))
        .route("/v1/models/{model}", get(openai::model))
        .route("/v1/chat/completions", post(openai::chat))
        .route("/v1/completions", post(openai::completions))
        .layer(middleware::from_fn_with_state(Arc::clone(app), one_of_few))
        // Streams stay open and have a bound of their own.
        .route("/api/evaluations/{id}/events", get(evaluations::events))
        .route("/api/{*rest}", axum::routing::any(no_such_route))
        .route("/v1/{*rest}", axum::routing::any(no_such_route))
        .method_not_allowed_fallback(wrong_method)
        .with_state(Arc::clone(app));
    let routes = match &app.config.static_folder {
        Some(folder) => {
            let page = Router::new().fallback(page::serve).with_state(Arc::new(Page::new(folder.clone())));
            // Guests are compressed already, and known by this type.
            let worthwhile = SizeAbove::new(1_024)
                .and(NotForContentType::const_new("application/octet-stream"))
                .and(NotForContentType::IMAGES);
            api.fallback_service(page.layer(CompressionLayer::new().compress_when(worthwhile)))
        }
        None => api.fallback(no_such_route),
    };
    routes.layer(middleware::from_fn_with_state(Arc::new(Guard::new(&app.config)), guard))
}

/// Answers 429 instead of piling up requests.
async fn one_of_few(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    match app.requests.try_acquire() {
        Ok(_permit) => next.run(request).await,
        Err(_) => {
            let message = format!("{} requests are being answered already", app.config.requests_max);
            ApiError::queue_full(message, 2).into_response()
        }
    }
}

async fn no_such_route() -> ApiError {
    ApiError::not_found("there is nothing at this address").hint("/api/openapi.json lists what there is")
}

async fn wrong_method() -> ApiError {
    let message = "this address does not take that method";
    ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message)
        .hint("/api/openapi.json lists what there is")
}
