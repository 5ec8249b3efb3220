//! Guests that are core modules, such as Boa: the same interface over pointers.

use frugal_fuel::{Entry, GuestInstance, Marks, RunError, Stop};
use wasmtime::{
    Caller, Engine, Instance, InstancePre, Linker, Memory, Module, Result, Store, WasmParams, WasmResults, format_err,
};

use super::{mark, marks, remaining, set_budget, stop_of};
use crate::store::Ground;

/// A linked core module.
pub(super) struct Form(InstancePre<Ground>);

impl Form {
    /// Links a module whose one import is `frugal.mark`.
    pub(super) fn link(engine: &Engine, module: &Module) -> Result<Self> {
        for name in ["memory", "alloc", "define", "prepare", "empty", "call", "result"] {
            module.get_export(name).ok_or_else(|| format_err!("it exports no `{name}`"))?;
        }
        let mut linker = Linker::new(engine);
        linker.func_wrap("frugal", "mark", |caller: Caller<'_, Ground>| mark(caller))?;
        Ok(Self(linker.instantiate_pre(module)?))
    }

    pub(super) fn instantiate<'a>(&self, store: &'a mut Store<Ground>) -> Result<CoreGuest<'a>> {
        let instance = self.0.instantiate(&mut *store)?;
        let memory = instance.get_memory(&mut *store, "memory").ok_or_else(|| format_err!("it exports no memory"))?;
        Ok(CoreGuest { instance, memory, store })
    }
}

/// One instance of a core guest.
pub(super) struct CoreGuest<'a> {
    instance: Instance,
    memory: Memory,
    store: &'a mut Store<Ground>,
}

impl CoreGuest<'_> {
    fn function<P: WasmParams, R: WasmResults>(&mut self, export: &str, parameters: P) -> Result<R, Stop> {
        let function =
            self.instance.get_typed_func::<P, R>(&mut *self.store, export).map_err(|error| broken(&error))?;
        function.call(&mut *self.store, parameters).map_err(|error| stop_of(self.store, &error))
    }

    /// Copies `bytes` into the guest; returns where and how long they are.
    fn pass(&mut self, bytes: &[u8]) -> Result<(u32, u32), Stop> {
        let length = u32::try_from(bytes.len()).map_err(|_| Stop::OutOfMemory)?;
        let at: u32 = self.function("alloc", length)?;
        self.memory.write(&mut *self.store, at as usize, bytes).map_err(|_| broken(&"alloc gave no room"))?;
        Ok((at, length))
    }

    /// Copies a reply out: four bytes of length, little-endian, then the bytes.
    fn reply(&self, at: u32) -> Result<Vec<u8>, Stop> {
        let memory = self.memory.data(&*self.store);
        let reply = memory.get(at as usize..).and_then(|rest| {
            let (length, rest) = rest.split_first_chunk::<4>()?;
            rest.get(..u32::from_le_bytes(*length) as usize)
        });
        reply.map(<[u8]>::to_vec).ok_or_else(|| broken(&"its reply lies outside its memory"))
    }
}

fn broken(what: &dyn std::fmt::Display) -> Stop {
    Stop::Failed(RunError::Engine { message: format!("the guest does not keep its interface: {what}") })
}

impl GuestInstance for CoreGuest<'_> {
    fn set_budget(&mut self, units: u64) {
        set_budget(self.store, units);
    }

    fn remaining(&mut self) -> u64 {
        remaining(self.store)
    }

    fn marks(&mut self) -> &mut Marks {
        marks(self.store)
    }

    fn enter(&mut self, entry: Entry<'_>) -> Result<Vec<u8>, Stop> {
        let reply: u32 = match entry {
            Entry::Define { request, output_bytes } => {
                let (at, length) = self.pass(request)?;
                self.function("define", (at, length, output_bytes))?
            }
            Entry::Prepare { request } => {
                let (at, length) = self.pass(request)?;
                self.function("prepare", (at, length))?
            }
            Entry::Empty => return self.function("empty", ()).map(|()| Vec::new()),
            Entry::Call => return self.function("call", ()).map(|()| Vec::new()),
            Entry::Result => self.function("result", ())?,
        };
        self.reply(reply)
    }
}
