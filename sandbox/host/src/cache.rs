//! Compiled code on disk, trusted only under our own keyed hash.
//!
//! Loading compiled code is as good as running it, so an entry counts only if it carries a hash keyed
//! with a secret that this machine's user alone can read. Whatever fails that check (cut short, one bit
//! off, another entry's bytes under this name) is treated as absent and compiled again.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use crate::BuildError;
use crate::code::Code;

const MAGIC: &[u8; 8] = b"frugalc1";
const HASH_BYTES: usize = 32;
const HEADER_BYTES: usize = MAGIC.len() + HASH_BYTES;
const KEY_FILE: &str = "key";
/// Entries of submitted modules together, in bytes; beyond it the oldest go. Guests stay.
const MODULES_MAX_BYTES: u64 = 1 << 30;

/// Where compiled code is kept unless an edge says otherwise: `$FRUGAL_CACHE`, else
/// `$XDG_CACHE_HOME/frugal`, else `~/.cache/frugal`; `None` where none of these is set.
pub fn default_cache_folder() -> Option<PathBuf> {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    set("FRUGAL_CACHE")
        .or_else(|| set("XDG_CACHE_HOME").map(|folder| folder.join("frugal")))
        .or_else(|| set("HOME").map(|folder| folder.join(".cache").join("frugal")))
}

/// Which kind of code an entry holds; part of its file name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EntryKind {
    Module,
    Guest,
}

impl EntryKind {
    fn prefix(self) -> &'static str {
        match self {
            Self::Module => "module-",
            Self::Guest => "guest-",
        }
    }
}

/// A folder of compiled code.
#[derive(Debug)]
pub(crate) struct Cache {
    folder: PathBuf,
    secret: [u8; HASH_BYTES],
}

impl Cache {
    /// Opens the folder, creating it and its secret on first use.
    pub(crate) fn open(folder: &Path) -> Result<Self, BuildError> {
        let failed = |source| BuildError::Cache { folder: folder.to_owned(), source };
        fs::create_dir_all(folder).map_err(failed)?;
        let secret = read_or_make_secret(folder).map_err(failed)?;
        Ok(Self { folder: folder.to_owned(), secret })
    }

    /// The entry's code, or `None` where there is none that can be trusted.
    pub(crate) fn load(&self, kind: EntryKind, key: &str) -> Option<Code> {
        let path = self.path(kind, key);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "cannot read compiled code; compiling again");
                return None;
            }
        };
        let trusted = bytes.len() >= HEADER_BYTES
            && &bytes[..MAGIC.len()] == MAGIC
            && <[u8; HASH_BYTES]>::try_from(&bytes[MAGIC.len()..HEADER_BYTES])
                .is_ok_and(|hash| blake3::Hash::from(hash) == self.hash(kind, key, &bytes[HEADER_BYTES..]));
        if !trusted {
            tracing::warn!(path = %path.display(), "compiled code does not carry our hash; compiling again");
            return None;
        }
        touch(&path);
        Some(Code::trusted(bytes, HEADER_BYTES))
    }

    /// Writes an entry whole or not at all. Failing to keep it costs only time later, so it is logged.
    pub(crate) fn store(&self, kind: EntryKind, key: &str, code: &[u8]) {
        let path = self.path(kind, key);
        let hash = self.hash(kind, key, code);
        let written = write_whole(&path, |file| {
            file.write_all(MAGIC)?;
            file.write_all(hash.as_bytes())?;
            file.write_all(code)
        });
        if let Err(error) = written {
            tracing::warn!(path = %path.display(), %error, "cannot keep compiled code; it will be compiled again");
        } else if kind == EntryKind::Module {
            self.evict_oldest(&path);
        }
    }

    fn path(&self, kind: EntryKind, key: &str) -> PathBuf {
        self.folder.join(format!("{}{key}.code", kind.prefix()))
    }

    /// Keyed hash over name and code, so that entries cannot be exchanged for one another.
    fn hash(&self, kind: EntryKind, key: &str, code: &[u8]) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new_keyed(&self.secret);
        for part in [kind.prefix().as_bytes(), key.as_bytes()] {
            hasher.update(&(part.len() as u64).to_le_bytes()).update(part);
        }
        hasher.update(code).finalize()
    }

    /// Removes the oldest modules until they fit; `keep` is the one just written.
    fn evict_oldest(&self, keep: &Path) {
        let Ok(entries) = fs::read_dir(&self.folder) else { return };
        let mut modules: Vec<(SystemTime, u64, PathBuf)> = entries
            .filter_map(Result::ok)
            .filter(|entry| entry.file_name().to_string_lossy().starts_with(EntryKind::Module.prefix()))
            .filter_map(|entry| {
                let facts = entry.metadata().ok()?;
                Some((facts.modified().ok()?, facts.len(), entry.path()))
            })
            .collect();
        let mut total: u64 = modules.iter().map(|(_, bytes, _)| bytes).sum();
        modules.sort();
        for (_, bytes, path) in modules {
            if total <= MODULES_MAX_BYTES {
                return;
            }
            if path != keep && fs::remove_file(&path).is_ok() {
                total -= bytes;
            }
        }
    }
}

/// Marks an entry as used now. Only the order of eviction depends on it.
fn touch(path: &Path) {
    if let Ok(file) = File::open(path) {
        let _ = file.set_modified(SystemTime::now());
    }
}

/// Writes beside `path` and renames, so that no reader ever sees half a file.
fn write_whole(path: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    let beside = unique_beside(path);
    let written = private_file(&beside).and_then(|mut file| write(&mut file)).and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        // The failure being reported matters more than one left-over file.
        let _ = fs::remove_file(&beside);
    }
    written
}

fn unique_beside(path: &Path) -> PathBuf {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.{}.part", std::process::id(), COUNTER.fetch_add(1, Ordering::Relaxed)));
    path.with_file_name(name)
}

fn private_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

fn read_or_make_secret(folder: &Path) -> io::Result<[u8; HASH_BYTES]> {
    let path = folder.join(KEY_FILE);
    if let Some(secret) = read_secret(&path)? {
        return Ok(secret);
    }
    let mut secret = [0; HASH_BYTES];
    getrandom::fill(&mut secret).map_err(io::Error::other)?;
    let beside = unique_beside(&path);
    private_file(&beside)?.write_all(&secret)?;
    // A link fails where the name exists: of two processes starting at once, one secret wins.
    let linked = fs::hard_link(&beside, &path);
    fs::remove_file(&beside)?;
    match linked {
        Ok(()) => Ok(secret),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            read_secret(&path)?.ok_or_else(|| io::Error::other("the key file vanished while starting; try again"))
        }
        Err(error) => Err(error),
    }
}

/// The secret, or `None` where there is none worth keeping (others could read it, or it is cut short);
/// such a file is removed.
fn read_secret(path: &Path) -> io::Result<Option<[u8; HASH_BYTES]>> {
    let facts = match fs::symlink_metadata(path) {
        Ok(facts) => facts,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    if facts.is_file()
        && facts.permissions().mode() & 0o077 == 0
        && let Ok(secret) = <[u8; HASH_BYTES]>::try_from(fs::read(path)?)
    {
        return Ok(Some(secret));
    }
    fs::remove_file(path)?;
    Ok(None)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn only_whole_entries_under_their_own_name_are_loaded() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::open(folder.path()).unwrap();
        cache.store(EntryKind::Module, "aa", b"code");
        assert_eq!(cache.load(EntryKind::Module, "aa").unwrap().bytes(), b"code");
        assert!(cache.load(EntryKind::Guest, "aa").is_none());

        let path = cache.path(EntryKind::Module, "aa");
        let whole = fs::read(&path).unwrap();
        fs::copy(&path, cache.path(EntryKind::Module, "bb")).unwrap();
        assert!(cache.load(EntryKind::Module, "bb").is_none(), "an entry is bound to its name");
        for cut in 0..whole.len() {
            fs::write(&path, &whole[..cut]).unwrap();
            assert!(cache.load(EntryKind::Module, "aa").is_none(), "cut at {cut}");
        }
        for byte in 0..whole.len() {
            let mut bent = whole.clone();
            bent[byte] ^= 1;
            fs::write(&path, bent).unwrap();
            assert!(cache.load(EntryKind::Module, "aa").is_none(), "bit at byte {byte}");
        }
        fs::write(&path, whole).unwrap();
        assert!(Cache::open(folder.path()).unwrap().load(EntryKind::Module, "aa").is_some(), "the secret is kept");
    }

    #[test]
    fn a_secret_that_others_could_read_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let first = Cache::open(folder.path()).unwrap().secret;
        let key = folder.path().join(KEY_FILE);
        assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
        assert_ne!(Cache::open(folder.path()).unwrap().secret, first);
    }
}
