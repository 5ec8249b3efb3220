//! The endpoint on the command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use frugal_chat::{Client, Endpoint, Key, Timeouts};

use crate::failure::{Failure, read, say};

/// Where the key is looked for when nothing is said. Not the variable of any vendor, whose key would go to whatever
/// endpoint is named.
const KEY_VARIABLE: &str = "FRUGAL_API_KEY";

/// Where the model is, and how long to wait for it.
#[derive(Args, Debug)]
#[command(next_help_heading = "Model")]
pub(crate) struct ModelArgs {
    /// Address of an OpenAI-compatible API, such as http://127.0.0.1:8080/v1
    #[arg(long, value_name = "URL")]
    endpoint: String,
    /// Name of the model
    #[arg(long, value_name = "NAME")]
    model: String,
    /// Environment variable that holds the key [default: FRUGAL_API_KEY, where it is set]
    #[arg(long, value_name = "VARIABLE", conflicts_with = "key_file")]
    key_env: Option<String>,
    /// File that holds the key
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// Certificates to trust instead of the public ones, in PEM
    #[arg(long, value_name = "FILE")]
    certificates: Option<PathBuf>,
    /// Randomness of answers, from 0 to 2
    #[arg(long, default_value_t = 0.0)]
    temperature: f64,
    /// Send no temperature, for models that refuse one
    #[arg(long, conflicts_with = "temperature")]
    no_temperature: bool,
    /// Most tokens of one answer
    #[arg(long, value_name = "N")]
    reply_tokens_max: Option<u32>,
    /// Most bytes of one answer as sent
    #[arg(long, value_name = "BYTES", default_value_t = 8 << 20)]
    reply_max_bytes: u64,
    /// Ask for answers in one piece, not as streams
    #[arg(long)]
    no_stream: bool,
    /// Questions asked at the same time
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=64))]
    parallel: u16,
    /// Most requests for one answer
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=20))]
    attempts: u32,
    /// Longest wait that the endpoint may ask for, in seconds
    #[arg(long, value_name = "S", default_value_t = 60)]
    retry_after_max_s: u64,
    /// Longest wait for a connection, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 10_000)]
    connect_timeout_ms: u64,
    /// Longest wait for the first byte, and for each next one, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 120_000)]
    byte_timeout_ms: u64,
    /// Longest wait for a whole answer, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 600_000)]
    reply_timeout_ms: u64,
}

impl ModelArgs {
    /// A client of the endpoint, with its key.
    pub(crate) fn client(&self) -> Result<Client, Failure> {
        if !(0.0..=2.0).contains(&self.temperature) {
            return Err(Failure::usage("--temperature must lie between 0 and 2"));
        }
        let mut endpoint = Endpoint::new(&self.endpoint, &self.model);
        endpoint.key = self.key()?;
        endpoint.timeouts = Timeouts {
            connect: milliseconds("--connect-timeout-ms", self.connect_timeout_ms)?,
            byte: milliseconds("--byte-timeout-ms", self.byte_timeout_ms)?,
            whole: milliseconds("--reply-timeout-ms", self.reply_timeout_ms)?,
        };
        endpoint.reply_max_bytes = self.reply_max_bytes;
        endpoint.attempts_max = self.attempts;
        endpoint.retry_after_max = Duration::from_secs(self.retry_after_max_s);
        endpoint.stream = !self.no_stream;
        endpoint.certificates_pem = self.certificates.as_deref().map(read).transpose()?;
        let has_key = endpoint.key.is_some();
        let client = Client::new(endpoint).map_err(Failure::usage)?;
        if has_key && client.address().starts_with("http://") && !is_this_machine(client.address()) {
            say(format_args!("warning: the key goes to {} unencrypted", client.address()));
        }
        Ok(client)
    }

    fn key(&self) -> Result<Option<Key>, Failure> {
        let (place, text) = if let Some(file) = &self.key_file {
            let text = String::from_utf8(read(file)?).unwrap_or_default();
            (file.display().to_string(), text)
        } else if let Some(variable) = &self.key_env {
            let text =
                std::env::var(variable).map_err(|_| Failure::usage(format!("the variable {variable} is not set")))?;
            (format!("the variable {variable}"), text)
        } else {
            match std::env::var(KEY_VARIABLE) {
                Ok(text) => (format!("the variable {KEY_VARIABLE}"), text),
                Err(_) => return Ok(None),
            }
        };
        Key::new(&text).map(Some).map_err(|error| Failure::usage(format!("{place}: {error}")))
    }

    /// Randomness of answers; `None` leaves it to the endpoint.
    pub(crate) fn temperature(&self) -> Option<f64> {
        (!self.no_temperature).then_some(self.temperature)
    }

    /// Most tokens of one answer.
    pub(crate) fn reply_tokens_max(&self) -> Option<u32> {
        self.reply_tokens_max
    }

    /// Questions asked at the same time.
    pub(crate) fn parallel(&self) -> usize {
        self.parallel.into()
    }
}

fn milliseconds(option: &str, value: u64) -> Result<Duration, Failure> {
    const DAY_MS: u64 = 24 * 3_600 * 1_000;
    if (1..=DAY_MS).contains(&value) {
        return Ok(Duration::from_millis(value));
    }
    Err(Failure::usage(format!("{option} must lie between 1 and {DAY_MS}")))
}

fn is_this_machine(address: &str) -> bool {
    let host = address.trim_start_matches("http://").split('/').next().unwrap_or_default();
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    matches!(host, "localhost" | "[::1]") || host.starts_with("127.")
}
