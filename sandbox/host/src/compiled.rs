//! Submitted modules, prepared and compiled once each.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use frugal_fuel::{Limits, Meter, RunError};
use frugal_instrument::{Carrier, Facts, Globals, Options, PrepareLimits, instrument, prepare};
use wasmtime::{Engine, InstancePre, Linker};

use crate::CancelToken;
use crate::cache::{Cache, EntryKind};
use crate::code::Code;
use crate::compile::{Compilation, CompileError, compile};
use crate::engine::ENGINE_NAME;
use crate::store::Ground;

/// Modules kept ready in memory.
const READY_MAX: usize = 32;
/// How often a waiting caller looks at its token.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// A module that can be instantiated at once.
pub(crate) struct Ready {
    pub(crate) pre: InstancePre<Ground>,
    pub(crate) facts: Facts,
}

/// Prepares and compiles modules; equal requests at the same time are served by one compilation.
pub(crate) struct CompiledModules {
    engine: Engine,
    meter: Meter,
    compilation: Compilation,
    cache: Option<Arc<Cache>>,
    environment: blake3::Hash,
    memo: Mutex<Memo>,
    changed: Condvar,
}

#[derive(Default)]
struct Memo {
    entries: HashMap<blake3::Hash, Entry>,
    clock: u64,
}

enum Entry {
    /// Somebody is compiling it.
    Busy,
    Ready {
        module: Arc<Ready>,
        used: u64,
    },
}

impl CompiledModules {
    pub(crate) fn new(engine: Engine, meter: Meter, compilation: Compilation, cache: Option<Arc<Cache>>) -> Self {
        let environment = environment(&engine);
        let (memo, changed) = Default::default();
        Self { engine, meter, compilation, cache, environment, memo, changed }
    }

    /// The module, compiled now or before.
    pub(crate) fn ready(
        &self,
        module: &[u8],
        limits: &Limits,
        cancel: &CancelToken,
    ) -> Result<Arc<Ready>, CompileError> {
        // Preparing caps the module's memory, so the limit is part of what it is.
        let key = blake3::Hasher::new().update(&limits.memory_bytes.to_le_bytes()).update(module).finalize();
        if let Some(ready) = self.wait_or_claim(key, cancel)? {
            return Ok(ready);
        }
        let claim = Claim { modules: self, key };
        let ready = Arc::new(self.make(module, limits, cancel)?);
        claim.keep(&ready);
        Ok(ready)
    }

    /// The module if it is ready; `None` means that the caller has claimed it and must make it.
    fn wait_or_claim(&self, key: blake3::Hash, cancel: &CancelToken) -> Result<Option<Arc<Ready>>, RunError> {
        let mut memo = self.lock();
        loop {
            memo.clock += 1;
            let now = memo.clock;
            match memo.entries.get_mut(&key) {
                Some(Entry::Ready { module, used }) => {
                    *used = now;
                    return Ok(Some(Arc::clone(module)));
                }
                Some(Entry::Busy) => {}
                None => {
                    memo.entries.insert(key, Entry::Busy);
                    return Ok(None);
                }
            }
            if cancel.is_cancelled() {
                return Err(RunError::Cancelled);
            }
            memo = self.changed.wait_timeout(memo, LOOK_EVERY).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn make(&self, module: &[u8], limits: &Limits, cancel: &CancelToken) -> Result<Ready, CompileError> {
        let prepared = prepare(module, &PrepareLimits::from(limits)).map_err(CompileError::Rejected)?;
        let bytes = match self.meter {
            Meter::Native => prepared.bytes,
            Meter::Instrumented => {
                let options = Options {
                    globals: Globals::Own,
                    carrier: Carrier::Cell,
                    canonicalise_nan: true,
                    depth: true,
                    entry: None,
                };
                instrument(&prepared.bytes, &options).map_err(CompileError::Rejected)?
            }
        };
        let engine_failed = |error: wasmtime::Error| RunError::Engine { message: format!("{error:#}") };
        let code = self.code(&bytes, cancel)?;
        let module = code.module(&self.engine).map_err(engine_failed)?;
        let pre = Linker::new(&self.engine).instantiate_pre(&module).map_err(engine_failed)?;
        Ok(Ready { pre, facts: prepared.facts })
    }

    /// Compiled code from disk, or fresh.
    fn code(&self, bytes: &[u8], cancel: &CancelToken) -> Result<Code, CompileError> {
        let key = cache_key(&self.environment, bytes);
        if let Some(code) = self.cache.as_ref().and_then(|cache| cache.load(EntryKind::Module, &key)) {
            return Ok(code);
        }
        let code = compile(&self.compilation, &self.engine, self.meter, bytes, cancel)?;
        if let Some(cache) = &self.cache {
            cache.store(EntryKind::Module, &key, &code);
        }
        Ok(Code::trusted(code, 0))
    }

    fn lock(&self) -> MutexGuard<'_, Memo> {
        // Each change to the memo is one insertion or removal, so a panic elsewhere cannot tear it.
        self.memo.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The right and duty to make one module; given up when dropped, so that a failure wakes the others.
struct Claim<'a> {
    modules: &'a CompiledModules,
    key: blake3::Hash,
}

impl Claim<'_> {
    fn keep(self, ready: &Arc<Ready>) {
        let mut memo = self.modules.lock();
        memo.clock += 1;
        let used = memo.clock;
        memo.entries.insert(self.key, Entry::Ready { module: Arc::clone(ready), used });
        while memo.entries.len() > READY_MAX {
            let oldest = memo.entries.iter().filter_map(|(key, entry)| match entry {
                Entry::Ready { used, .. } => Some((*used, *key)),
                Entry::Busy => None,
            });
            let Some((_, key)) = oldest.min_by_key(|(used, _)| *used) else { break };
            memo.entries.remove(&key);
        }
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        let mut memo = self.modules.lock();
        if matches!(memo.entries.get(&self.key), Some(Entry::Busy)) {
            memo.entries.remove(&self.key);
        }
        drop(memo);
        self.modules.changed.notify_all();
    }
}

/// Name of an entry of compiled code: content, engine version, configuration and processor.
pub(crate) fn cache_key(environment: &blake3::Hash, bytes: &[u8]) -> String {
    blake3::Hasher::new().update(environment.as_bytes()).update(bytes).finalize().to_hex().to_string()
}

/// Everything about the engine that compiled code depends on.
pub(crate) fn environment(engine: &Engine) -> blake3::Hash {
    struct Feed(blake3::Hasher);
    impl Hasher for Feed {
        fn write(&mut self, bytes: &[u8]) {
            self.0.update(bytes);
        }
        fn finish(&self) -> u64 {
            // Asked for by the trait, used by nobody: the whole hash is taken below.
            0
        }
    }
    let mut feed = Feed(blake3::Hasher::new());
    feed.write(ENGINE_NAME.as_bytes());
    engine.precompile_compatibility_hash().hash(&mut feed);
    feed.0.finalize()
}
