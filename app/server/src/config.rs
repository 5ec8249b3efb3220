//! What an operator sets.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use frugal_fuel::Limits;

/// Settings of one server. Every bound is refused when passed, never clamped.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Names under which browsers may reach the server, besides loopback names and the address itself.
    pub hosts: Vec<String>,
    /// Other origins whose pages may use the API, such as `https://example.org`.
    pub allowed_origins: Vec<String>,
    /// Folder of the built page, if it is to be served.
    pub static_folder: Option<PathBuf>,
    /// Folder of shipped problem sets (`NAME.csv` or `NAME/problems.csv`), if any.
    pub problems_folder: Option<PathBuf>,
    /// Folder of the store.
    pub data_folder: PathBuf,
    /// Runs at a time, and threads of one evaluation.
    pub jobs: usize,
    /// Runs that may wait for a free place.
    pub runs_waiting_max: usize,
    /// Evaluations that may wait.
    pub evaluations_waiting_max: u32,
    /// Largest limits that a request may ask for.
    pub maxima: Limits,
    /// Largest body of a run, in bytes.
    pub run_body_bytes_max: usize,
    /// Largest body of an evaluation, in bytes.
    pub evaluation_body_bytes_max: usize,
    /// Connections open at a time; more wait in the system's queue.
    pub connections_max: usize,
    /// Requests other than event streams handled at a time.
    pub requests_max: usize,
    /// Open event streams.
    pub streams_max: usize,
    /// Time for a client to send the head of a request; also how long an idle connection is kept.
    pub header_deadline: Duration,
    /// Time for a client to send a body.
    pub body_deadline: Duration,
    /// Time that requests under way get to finish after a stop signal.
    pub shutdown_deadline: Duration,
}

impl Config {
    /// The default settings with this data folder.
    pub fn new(data_folder: PathBuf) -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8081)),
            hosts: Vec::new(),
            allowed_origins: Vec::new(),
            static_folder: None,
            problems_folder: None,
            data_folder,
            jobs: std::thread::available_parallelism().map_or(1, usize::from),
            runs_waiting_max: 64,
            evaluations_waiting_max: 32,
            maxima: Limits {
                fuel: 1_000_000_000_000,
                setup_fuel: 100_000_000_000,
                memory_bytes: 1 << 30,
                output_bytes: 16 << 20,
                call_depth: 100_000,
                wall_ms: 60_000,
            },
            run_body_bytes_max: 16 << 20,
            evaluation_body_bytes_max: 64 << 20,
            connections_max: 512,
            requests_max: 256,
            streams_max: 128,
            header_deadline: Duration::from_secs(10),
            body_deadline: Duration::from_secs(30),
            shutdown_deadline: Duration::from_secs(20),
        }
    }
}
