//! Entries of a guest that is one core module.

use frugal_fuel::{Entry, RunError};
use js_sys::{Array, Function, Object, Uint8Array, WebAssembly};
use wasm_bindgen::{JsCast, JsValue};

use crate::guest::{Abi, GuestCode, Meter, instantiate, memory_bytes};
use crate::js;

/// The exports of one instance. Pointers that come out of it are hostile and checked.
pub(crate) struct ModuleAbi {
    exports: Object,
    memory: WebAssembly::Memory,
}

impl ModuleAbi {
    /// A fresh instance, with the size of its memory in bytes.
    pub(crate) fn instantiate(
        code: &GuestCode,
        meter: &Meter,
        mark: &Function,
    ) -> Result<(Box<dyn Abi>, u64), RunError> {
        let Some((_, module)) = code.modules.first() else {
            return Err(RunError::Engine { message: "the guest's bundle holds no module".to_owned() });
        };
        let imports = Object::new();
        let frugal = Object::new();
        js::set(&frugal, "mark", mark)?;
        js::set(&imports, "frugal", &frugal)?;
        let instance = instantiate(module, &imports, meter.imports())
            .map_err(|error| js::failed("instantiating the guest", &error))?;
        let exports = instance.exports();
        let memory = js::get_as(&exports, "memory")?;
        let needed = memory_bytes(&exports);
        Ok((Box::new(Self { exports, memory }), needed))
    }

    fn call(&self, name: &str, arguments: &Array) -> Result<JsValue, JsValue> {
        let export: Function = js_sys::Reflect::get(&self.exports, &name.into())?.dyn_into()?;
        export.apply(&JsValue::UNDEFINED, arguments)
    }

    /// Copies a request in; gives its address and length.
    fn send(&self, request: &[u8]) -> Result<(JsValue, JsValue), JsValue> {
        let length = u32::try_from(request.len()).map_err(|_| JsValue::from("a request of 4 GiB"))?;
        let address = self.call("alloc", &Array::of1(&length.into()))?;
        self.view(&address, length)?.copy_from(request);
        Ok((address, length.into()))
    }

    /// Copies out a reply: at its address a u32 length, little-endian, then that many bytes.
    fn receive(&self, address: &JsValue) -> Result<Vec<u8>, JsValue> {
        let mut length = [0; 4];
        self.view(address, 4)?.copy_to(&mut length);
        let body = offset(address).wrapping_add(4);
        Ok(self.view(&body.into(), u32::from_le_bytes(length))?.to_vec())
    }

    fn view(&self, address: &JsValue, length: u32) -> Result<Uint8Array, JsValue> {
        let memory = Uint8Array::new(&self.memory.buffer());
        let start = offset(address);
        match start.checked_add(length) {
            Some(end) if end <= memory.length() => Ok(memory.subarray(start, end)),
            _ => Err(JsValue::from(format!("the guest points at {length} bytes from {start}, outside its memory"))),
        }
    }
}

/// WebAssembly hands addresses out as signed numbers.
fn offset(address: &JsValue) -> u32 {
    js::as_i32(address).unwrap_or(-1).cast_unsigned()
}

impl Abi for ModuleAbi {
    fn enter(&self, entry: Entry<'_>) -> Result<Vec<u8>, JsValue> {
        match entry {
            Entry::Define { request, output_bytes } => {
                let (address, length) = self.send(request)?;
                self.receive(&self.call("define", &Array::of3(&address, &length, &output_bytes.into()))?)
            }
            Entry::Prepare { request } => {
                let (address, length) = self.send(request)?;
                self.receive(&self.call("prepare", &Array::of2(&address, &length))?)
            }
            Entry::Empty => self.call("empty", &Array::new()).map(|_| Vec::new()),
            Entry::Call => self.call("call", &Array::new()).map(|_| Vec::new()),
            Entry::Result => self.receive(&self.call("result", &Array::new())?),
        }
    }
}
