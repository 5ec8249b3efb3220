//! Entries of a guest that is a component, joined from core modules by a generated script.

use std::cell::Cell;
use std::rc::Rc;

use frugal_fuel::{Entry, RunError};
use js_sys::{Array, Function, Object, Uint8Array, WebAssembly};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};

use crate::guest::{Abi, GuestCode, Meter, instantiate, memory_bytes};
use crate::js;

type ModuleOf = Closure<dyn FnMut(String) -> Result<JsValue, JsValue>>;
type InstantiateCore = Closure<dyn FnMut(WebAssembly::Module, JsValue) -> Result<JsValue, JsValue>>;

/// The exports of one component instance.
pub(crate) struct ComponentAbi {
    exports: JsValue,
}

impl ComponentAbi {
    /// A fresh instance, with the size of its memory in bytes.
    pub(crate) fn instantiate(
        code: &GuestCode,
        script: &Function,
        meter: &Meter,
        mark: &Function,
    ) -> Result<(Box<dyn Abi>, u64), RunError> {
        let module_of = module_of(code);
        let largest = Rc::new(Cell::new(0));
        let instantiate_core = instantiate_core(meter, &largest);
        let imports = Object::new();
        let mark_module = Object::new();
        js::set(&mark_module, "default", mark)?;
        js::set(&imports, "mark", &mark_module)?;
        let arguments = Array::of3(module_of.as_ref(), &imports, instantiate_core.as_ref());
        let exports = script
            .apply(&JsValue::UNDEFINED, &arguments)
            .map_err(|error| js::failed("instantiating the guest", &error))?;
        Ok((Box::new(Self { exports }), largest.get()))
    }

    fn call(&self, name: &str, arguments: &Array) -> Result<JsValue, JsValue> {
        let export: Function = js_sys::Reflect::get(&self.exports, &name.into())?.dyn_into()?;
        export.apply(&JsValue::UNDEFINED, arguments)
    }

    fn reply(&self, name: &str, arguments: &Array) -> Result<Vec<u8>, JsValue> {
        Ok(self.call(name, arguments)?.dyn_into::<Uint8Array>()?.to_vec())
    }
}

impl Abi for ComponentAbi {
    fn enter(&self, entry: Entry<'_>) -> Result<Vec<u8>, JsValue> {
        match entry {
            Entry::Define { request, output_bytes } => {
                self.reply("define", &Array::of2(&Uint8Array::from(request), &output_bytes.into()))
            }
            Entry::Prepare { request } => self.reply("prepare", &Array::of1(&Uint8Array::from(request))),
            Entry::Empty => self.call("empty", &Array::new()).map(|_| Vec::new()),
            Entry::Call => self.call("call", &Array::new()).map(|_| Vec::new()),
            Entry::Result => self.reply("result", &Array::new()),
        }
    }
}

/// Gives the script the compiled module it names.
fn module_of(code: &GuestCode) -> ModuleOf {
    let modules = code.modules.clone();
    Closure::new(move |name: String| match modules.iter().find(|(known, _)| *known == name) {
        Some((_, module)) => Ok(module.into()),
        None => Err(JsValue::from(format!("the guest's script asks for module `{name}`, which its bundle lacks"))),
    })
}

/// Instantiates each core module with the shared counter, and notes the largest memory.
fn instantiate_core(meter: &Meter, largest: &Rc<Cell<u64>>) -> InstantiateCore {
    let (meter, largest) = (meter.imports().clone(), largest.clone());
    Closure::new(move |module: WebAssembly::Module, imports: JsValue| {
        let imports = imports.dyn_into::<Object>().unwrap_or_default();
        let instance = instantiate(&module, &imports, &meter)?;
        largest.set(largest.get().max(memory_bytes(&instance.exports())));
        Ok(instance.into())
    })
}
