//! The state a share link carries in its fragment: compressed, versioned, and read as hostile input.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use frugal_report::FuelUnits;
use serde::{Deserialize, Serialize};

use crate::{Input, Language, Limits};

/// Version of the links written now.
pub const SHARE_VERSION: u32 = 1;
/// Longest fragment that is read, in bytes.
pub const TEXT_MAX_BYTES: usize = 64 << 10;
/// Most bytes a fragment may unpack to.
const JSON_MAX_BYTES: usize = 1 << 20;
/// 0 = fastest, 10 = smallest.
const COMPRESSION_LEVEL: u8 = 10;

/// Everything the Code page shows before a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShareState {
    /// Of both sources.
    pub language: Language,
    /// The source.
    pub source: String,
    /// The source to compare with, when the second pane is open.
    pub second_source: Option<String>,
    /// How both are entered.
    pub input: Input,
    /// Limits of both runs.
    pub limits: Limits,
}

/// A link that cannot be written or read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ShareError {
    /// Longer than browsers and mail programs carry reliably.
    #[error("the link would be {actual} bytes, above the cap of {TEXT_MAX_BYTES}; share a shorter source, or a file")]
    TooLong {
        /// Its length.
        actual: usize,
    },
    /// Damaged.
    #[error("this link is damaged ({0}); ask its sender for the whole link")]
    Damaged(String),
    /// Written by another version.
    #[error(
        "this link has version {found}, but this page reads version {SHARE_VERSION}; open it on the page that made it"
    )]
    Version {
        /// What it says.
        found: u32,
    },
}

/// The JSON inside a link. Fuel is a decimal string, as in every file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Packed {
    v: u32,
    language: Language,
    source: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    second_source: Option<String>,
    input: Input,
    fuel: FuelUnits,
    setup_fuel: FuelUnits,
    memory_bytes: u64,
    output_bytes: u64,
    call_depth: u32,
    wall_ms: u64,
}

#[derive(Deserialize)]
struct Version {
    v: u32,
}

impl ShareState {
    /// The fragment without its `#`: letters, digits, `-` and `_`. Equal states give equal fragments.
    ///
    /// # Errors
    /// [`ShareError::TooLong`].
    pub fn encode(&self) -> Result<String, ShareError> {
        let limits = self.limits;
        let packed = Packed {
            v: SHARE_VERSION,
            language: self.language,
            source: self.source.clone(),
            second_source: self.second_source.clone(),
            input: self.input.clone(),
            fuel: FuelUnits(limits.fuel),
            setup_fuel: FuelUnits(limits.setup_fuel),
            memory_bytes: limits.memory_bytes,
            output_bytes: limits.output_bytes,
            call_depth: limits.call_depth,
            wall_ms: limits.wall_ms,
        };
        let json = serde_json::to_vec(&packed).map_err(|error| ShareError::Damaged(error.to_string()))?;
        let text = URL_SAFE_NO_PAD.encode(miniz_oxide::deflate::compress_to_vec(&json, COMPRESSION_LEVEL));
        if text.len() > TEXT_MAX_BYTES || json.len() > JSON_MAX_BYTES {
            return Err(ShareError::TooLong { actual: text.len() });
        }
        Ok(text)
    }

    /// Reads a fragment. Its limits are not checked here: whoever runs it validates them.
    ///
    /// # Errors
    /// [`ShareError`] for anything that does not unpack to a state of this version. Bytes after the packed state
    /// are not looked at.
    pub fn decode(text: &str) -> Result<Self, ShareError> {
        if text.len() > TEXT_MAX_BYTES {
            return Err(ShareError::TooLong { actual: text.len() });
        }
        let damaged = |what: &dyn std::fmt::Display| ShareError::Damaged(what.to_string());
        let packed = URL_SAFE_NO_PAD.decode(text).map_err(|error| damaged(&error))?;
        let json = miniz_oxide::inflate::decompress_to_vec_with_limit(&packed, JSON_MAX_BYTES)
            .map_err(|error| damaged(&error))?;
        let version: Version = serde_json::from_slice(&json).map_err(|error| damaged(&error))?;
        if version.v != SHARE_VERSION {
            return Err(ShareError::Version { found: version.v });
        }
        let packed: Packed = serde_json::from_slice(&json).map_err(|error| damaged(&error))?;
        Ok(Self {
            language: packed.language,
            source: packed.source,
            second_source: packed.second_source,
            input: packed.input,
            limits: Limits {
                fuel: packed.fuel.0,
                setup_fuel: packed.setup_fuel.0,
                memory_bytes: packed.memory_bytes,
                output_bytes: packed.output_bytes,
                call_depth: packed.call_depth,
                wall_ms: packed.wall_ms,
            },
        })
    }
}

#[cfg(test)]
mod tests;
