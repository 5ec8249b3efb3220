//! Guests that are components, such as CPython.

use frugal_fuel::{Entry, GuestInstance, Marks, Stop};
use wasmtime::component::{
    Component, ComponentExportIndex, ComponentNamedList, Instance, InstancePre, Lift, Linker, Lower,
};
use wasmtime::{Engine, Result, Store, StoreContextMut};

use super::{mark, marks, remaining, set_budget, stop_of};
use crate::store::Ground;

/// A linked component and where its exports are.
pub(super) struct Form {
    pre: InstancePre<Ground>,
    define: ComponentExportIndex,
    prepare: ComponentExportIndex,
    empty: ComponentExportIndex,
    call: ComponentExportIndex,
    result: ComponentExportIndex,
}

impl Form {
    /// Links a component of the world `frugal:guest/guest`: one import, five exports.
    pub(super) fn link(engine: &Engine, component: &Component) -> Result<Self> {
        let mut linker = Linker::new(engine);
        linker.root().func_wrap("mark", |store: StoreContextMut<'_, Ground>, (): ()| mark(store))?;
        let export = |name: &str| {
            let found = component.get_export_index(None, name);
            found.ok_or_else(|| wasmtime::format_err!("it exports no `{name}`"))
        };
        Ok(Self {
            pre: linker.instantiate_pre(component)?,
            define: export("define")?,
            prepare: export("prepare")?,
            empty: export("empty")?,
            call: export("call")?,
            result: export("result")?,
        })
    }

    pub(super) fn instantiate<'a>(&'a self, store: &'a mut Store<Ground>) -> Result<ComponentGuest<'a>> {
        // Replies are bounded by the guest's memory, and by the protocol after that.
        store.set_hostcall_fuel(usize::MAX);
        let instance = self.pre.instantiate(&mut *store)?;
        Ok(ComponentGuest { form: self, instance, store })
    }
}

/// One instance of a component guest.
pub(super) struct ComponentGuest<'a> {
    form: &'a Form,
    instance: Instance,
    store: &'a mut Store<Ground>,
}

impl ComponentGuest<'_> {
    fn function<P, R>(&mut self, export: ComponentExportIndex, parameters: P) -> Result<R>
    where
        P: ComponentNamedList + Lower,
        R: ComponentNamedList + Lift + 'static,
    {
        self.instance.get_typed_func::<P, R>(&mut *self.store, export)?.call(&mut *self.store, parameters)
    }
}

impl GuestInstance for ComponentGuest<'_> {
    fn set_budget(&mut self, units: u64) {
        set_budget(self.store, units);
    }

    fn remaining(&mut self) -> u64 {
        remaining(self.store)
    }

    fn marks(&mut self) -> &mut Marks {
        marks(self.store)
    }

    fn enter(&mut self, entry: Entry<'_>) -> std::result::Result<Vec<u8>, Stop> {
        let form = self.form;
        let bytes = |(reply,): (Vec<u8>,)| reply;
        let nothing = |(): ()| Vec::new();
        let entered = match entry {
            Entry::Define { request, output_bytes } => self.function(form.define, (request, output_bytes)).map(bytes),
            Entry::Prepare { request } => self.function(form.prepare, (request,)).map(bytes),
            Entry::Empty => self.function(form.empty, ()).map(nothing),
            Entry::Call => self.function(form.call, ()).map(nothing),
            Entry::Result => self.function(form.result, ()).map(bytes),
        };
        entered.map_err(|error| stop_of(self.store, &error))
    }
}
