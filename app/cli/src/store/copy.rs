//! Bytes on their way to the store, and their digests.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use sha2::{Digest, Sha256};

use crate::failure::Failure;

/// Bytes between two looks at Ctrl-C.
pub(super) const CHUNK_BYTES: usize = 1 << 18;

pub(super) fn failed(path: &Path, error: impl std::fmt::Display) -> Failure {
    Failure::infrastructure(format!("{}: {error}", path.display()))
}

/// Length and digest of a file.
pub(super) fn digest(path: &Path, stop: &AtomicBool) -> Result<(u64, String), Failure> {
    let mut file = File::open(path).map_err(|error| failed(path, error))?;
    let mut hasher = Sha256::new();
    let bytes = each_chunk(&mut file, stop, &mut |chunk| {
        hasher.update(chunk);
        Ok(())
    })
    .map_err(|error| error.at(path))?;
    Ok((bytes, format!("{:x}", hasher.finalize())))
}

/// Why bytes stopped coming.
pub(super) enum Broken {
    Reading(std::io::Error),
    Writing(std::io::Error),
    Stopped,
}

impl Broken {
    pub(super) fn at(self, path: &Path) -> Failure {
        match self {
            Self::Reading(error) | Self::Writing(error) => failed(path, error),
            Self::Stopped => Failure::interrupted(),
        }
    }
}

/// Hands on what a reader gives, and counts it.
pub(super) fn each_chunk(
    from: &mut dyn Read,
    stop: &AtomicBool,
    take: &mut dyn FnMut(&[u8]) -> std::io::Result<()>,
) -> Result<u64, Broken> {
    let mut chunk = vec![0; CHUNK_BYTES];
    let mut total = 0;
    loop {
        if stop.load(Ordering::Relaxed) {
            return Err(Broken::Stopped);
        }
        match from.read(&mut chunk) {
            Ok(0) => return Ok(total),
            Ok(count) => {
                take(&chunk[..count]).map_err(Broken::Writing)?;
                total += count as u64;
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Broken::Reading(error)),
        }
    }
}
