//! A guest interpreter in this tab, and one fresh instance of it.

use std::cell::RefCell;
use std::rc::Rc;

use frugal_fuel::{Entry, Guest, GuestInstance, GuestJob, Limits, Marks, Measurement, RunError, Stop, TrapKind};
use frugal_fuel::{Fuel, Outcome, Output, Rejection, measure_guest, profile_guest};
use frugal_instrument::{FLAG_MEMORY_DENIED, FLAG_OUT_OF_DEPTH, names};
use js_sys::{BigInt, Function, Object, WebAssembly};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};

use crate::abi_component::ComponentAbi;
use crate::abi_module::ModuleAbi;
use crate::{js, trap};

/// The compiled code of a guest. Its modules charge one shared counter.
#[derive(Debug, Clone)]
pub struct GuestCode {
    /// Which guest it is.
    pub guest: Guest,
    /// Its core modules with the names its script asks for.
    pub modules: Vec<(String, WebAssembly::Module)>,
    /// `instantiate` of the script that joins the modules of a component; absent for a guest that is one
    /// core module.
    pub instantiate: Option<Function>,
}

/// How the entries of one kind of guest are called.
pub(crate) trait Abi {
    /// Calls one export. What JavaScript throws is passed on.
    fn enter(&self, entry: Entry<'_>) -> Result<Vec<u8>, JsValue>;
}

/// Measures one guest job in a fresh instance of `code`; `traced` says that it is woven and wants its profile.
pub(crate) fn run(
    code: &GuestCode,
    job: &GuestJob,
    traced: bool,
    limits: &Limits,
    ready: &dyn Fn(),
) -> Result<Measurement, RunError> {
    let meter = Meter::new(limits)?;
    let shared = Rc::new(RefCell::new(Marks::default()));
    let mark = mark_import(&meter, &shared);
    let mark_function: &Function = mark.as_ref().unchecked_ref();
    let (abi, memory_bytes): (Box<dyn Abi>, u64) = match &code.instantiate {
        Some(instantiate) => ComponentAbi::instantiate(code, instantiate, &meter, mark_function)?,
        None => ModuleAbi::instantiate(code, &meter, mark_function)?,
    };
    if memory_bytes > limits.memory_bytes {
        let reason = Rejection::MemoryTooSmall { limit_bytes: limits.memory_bytes, needed_bytes: memory_bytes };
        let fuel = Fuel { lower_bound: true, ..Fuel::default() };
        return Ok(Measurement { outcome: Outcome::Rejected { reason }, fuel, output: Output::Nothing });
    }
    ready();
    let mut instance = Instance { abi, meter, shared, marks: Marks::default() };
    let measure = if traced { profile_guest } else { measure_guest };
    measure(&mut instance, job, limits)
}

/// The globals that every module of one instance imports.
pub(crate) struct Meter {
    fuel: WebAssembly::Global,
    flags: WebAssembly::Global,
    imports: Object,
}

impl Meter {
    fn new(limits: &Limits) -> Result<Self, RunError> {
        let pages = i32::try_from(limits.memory_bytes / Limits::PAGE_BYTES).unwrap_or(i32::MAX);
        // Instantiating is not metered: its budget never ends.
        let fuel = js::global("i64", true, &BigInt::from(i64::MIN).into())?;
        let flags = js::global("i32", true, &0.into())?;
        let imports = Object::new();
        js::set(&imports, "fuel", &fuel)?;
        js::set(&imports, "flags", &flags)?;
        js::set(&imports, "pages", js::global("i32", false, &pages.into())?.as_ref())?;
        Ok(Self { fuel, flags, imports })
    }

    /// What a module imports under [`names::IMPORT_MODULE`].
    pub(crate) fn imports(&self) -> &Object {
        &self.imports
    }

    fn set_budget(&self, units: u64) {
        set_budget(&self.fuel, units);
    }

    fn stop(&self, error: &JsValue) -> Stop {
        let flags = js::read_i32(&self.flags);
        if flags & FLAG_OUT_OF_DEPTH != 0 {
            Stop::OutOfDepth
        } else if remaining(&self.fuel) == 0 {
            Stop::OutOfFuel
        } else if flags & FLAG_MEMORY_DENIED != 0 {
            Stop::OutOfMemory
        } else if js::is_range_error(error) {
            Stop::OutOfDepth
        } else if js::is_trap(error) {
            Stop::Trapped(trap::kind(&js::text(error)))
        } else if error.as_string().as_deref() == Some(UNEXPECTED_MARK) {
            Stop::Trapped(TrapKind::Other)
        } else {
            Stop::Failed(js::failed("the guest", error))
        }
    }
}

/// Thrown to end an entry that marks where it must not.
const UNEXPECTED_MARK: &str = "frugal: unexpected mark";

/// The counter goes up and stops the guest when it is no longer negative.
fn set_budget(fuel: &WebAssembly::Global, units: u64) {
    let cell = i64::try_from(units).map_or(i64::MIN, |units| -units);
    fuel.set_value(&BigInt::from(cell).into());
}

fn remaining(fuel: &WebAssembly::Global) -> u64 {
    let cell = js::read_i64(fuel);
    if cell < 0 { cell.unsigned_abs() } else { 0 }
}

type MarkImport = Closure<dyn FnMut() -> Result<(), JsValue>>;

/// The guest's `mark`. The counter is exact here: it is written back before every call.
fn mark_import(meter: &Meter, shared: &Rc<RefCell<Marks>>) -> MarkImport {
    let (fuel, shared) = (meter.fuel.clone(), shared.clone());
    Closure::new(move || match shared.borrow_mut().on_mark(remaining(&fuel)) {
        Some(units) => {
            set_budget(&fuel, units);
            Ok(())
        }
        None => Err(UNEXPECTED_MARK.into()),
    })
}

/// One fresh instance. While an entry runs, its marks are in `shared`, where the import finds them.
struct Instance {
    abi: Box<dyn Abi>,
    meter: Meter,
    shared: Rc<RefCell<Marks>>,
    marks: Marks,
}

impl GuestInstance for Instance {
    fn set_budget(&mut self, units: u64) {
        self.meter.set_budget(units);
    }

    fn remaining(&mut self) -> u64 {
        remaining(&self.meter.fuel)
    }

    fn marks(&mut self) -> &mut Marks {
        &mut self.marks
    }

    fn enter(&mut self, entry: Entry<'_>) -> Result<Vec<u8>, Stop> {
        self.shared.replace(std::mem::take(&mut self.marks));
        let entered = self.abi.enter(entry);
        self.marks = self.shared.take();
        entered.map_err(|error| self.meter.stop(&error))
    }
}

/// Size of the largest memory among `exports`, in bytes; 0 when there is none.
pub(crate) fn memory_bytes(exports: &Object) -> u64 {
    let values = Object::values(exports);
    let memories = values.iter().filter_map(|value| value.dyn_into::<WebAssembly::Memory>().ok());
    memories.map(|memory| byte_length(&memory)).max().unwrap_or(0)
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a byte count below 2^33
fn byte_length(memory: &WebAssembly::Memory) -> u64 {
    let length = js::get(&memory.buffer(), "byteLength").ok().and_then(|length| length.as_f64());
    length.unwrap_or(0.0) as u64
}

/// Instantiates one module with `imports`, to which the meter is added.
pub(crate) fn instantiate(
    module: &WebAssembly::Module,
    imports: &Object,
    meter: &Object,
) -> Result<WebAssembly::Instance, JsValue> {
    let with_meter = Object::assign(&Object::new(), imports);
    js_sys::Reflect::set(&with_meter, &names::IMPORT_MODULE.into(), meter)?;
    WebAssembly::Instance::new(module, &with_meter)
}
