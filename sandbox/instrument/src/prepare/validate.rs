//! Validation with exactly the accepted proposals, and every cap along the way.

use frugal_fuel::{Limits, Rejection, ValueType};
use wasmparser::{
    Encoding, ExternalKind, FuncToValidate, FuncValidatorAllocations, FunctionBody, Operator, Parser, Payload, ValType,
    ValidPayload, Validator, ValidatorResources, WasmFeatures,
};

use super::{Facts, FunctionExport, PrepareLimits, caps};
use crate::instrument::names;
use crate::operators::{self, FloatShape};
use crate::sections::invalid;

/// The proposals that modules may use. Everything else is refused by name.
pub const ACCEPTED_FEATURES: WasmFeatures = WasmFeatures::MUTABLE_GLOBAL
    .union(WasmFeatures::SATURATING_FLOAT_TO_INT)
    .union(WasmFeatures::SIGN_EXTENSION)
    .union(WasmFeatures::REFERENCE_TYPES)
    .union(WasmFeatures::MULTI_VALUE)
    .union(WasmFeatures::BULK_MEMORY)
    .union(WasmFeatures::SIMD)
    .union(WasmFeatures::TAIL_CALL)
    .union(WasmFeatures::EXTENDED_CONST)
    .union(WasmFeatures::FLOATS);

/// Refused proposals with their common names, the likeliest first.
const REFUSED: &[(WasmFeatures, &str)] = &[
    (WasmFeatures::THREADS, "threads"),
    (WasmFeatures::RELAXED_SIMD, "relaxed SIMD"),
    (WasmFeatures::EXCEPTIONS, "exceptions"),
    (WasmFeatures::LEGACY_EXCEPTIONS, "exceptions"),
    (WasmFeatures::MEMORY64, "memory64"),
    (WasmFeatures::MULTI_MEMORY, "multi-memory"),
    (WasmFeatures::FUNCTION_REFERENCES, "function references"),
    (WasmFeatures::GC, "gc"),
    (WasmFeatures::GC_TYPES, "externref"),
    (WasmFeatures::CUSTOM_PAGE_SIZES, "custom page sizes"),
    (WasmFeatures::SHARED_EVERYTHING_THREADS, "shared-everything threads"),
    (WasmFeatures::STACK_SWITCHING, "stack switching"),
    (WasmFeatures::WIDE_ARITHMETIC, "wide arithmetic"),
    (WasmFeatures::MEMORY_CONTROL, "memory control"),
    (WasmFeatures::COMPONENT_MODEL, "component model"),
];

/// Validates `module` and collects its facts.
pub(super) fn validate(module: &[u8], limits: &PrepareLimits) -> Result<Facts, Rejection> {
    check(module, limits, ACCEPTED_FEATURES).map_err(|fault| match fault {
        Fault::Rejected(rejection) => rejection,
        Fault::Parser(error) => name_proposal(module, limits, &error),
    })
}

/// A fault found while reading: ours, or the parser's, which may mean a refused proposal.
enum Fault {
    Rejected(Rejection),
    Parser(wasmparser::Error),
}

impl From<Rejection> for Fault {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}

impl From<wasmparser::Error> for Fault {
    fn from(error: wasmparser::Error) -> Self {
        Self::Parser(error)
    }
}

fn check(module: &[u8], limits: &PrepareLimits, features: WasmFeatures) -> Result<Facts, Fault> {
    let mut reading = Reading::new(limits, features);
    let mut parser = Parser::new(0);
    parser.set_features(features);
    for payload in parser.parse_all(module) {
        let payload = payload?;
        reading.before(&payload)?;
        if let ValidPayload::Func(function, body) = reading.validator.payload(&payload)? {
            reading.function(function, &body)?;
        }
        reading.after(&payload)?;
    }
    reading.growth(module.len())?;
    Ok(reading.facts)
}

/// State of one pass over a module.
struct Reading<'l> {
    limits: &'l PrepareLimits,
    features: WasmFeatures,
    validator: Validator,
    allocations: FuncValidatorAllocations,
    facts: Facts,
    /// Upper estimate of what counting code adds, in bytes.
    growth_bytes: u64,
}

impl<'l> Reading<'l> {
    fn new(limits: &'l PrepareLimits, features: WasmFeatures) -> Self {
        Self {
            limits,
            features,
            validator: Validator::new_with_features(features),
            allocations: FuncValidatorAllocations::default(),
            facts: Facts::default(),
            growth_bytes: 0,
        }
    }

    /// Checks that must come before validation: counts, and what is refused outright.
    fn before(&mut self, payload: &Payload<'_>) -> Result<(), Fault> {
        let items = |what: &str, count: u32| caps::at_most(what, count.into(), caps::SECTION_ITEMS);
        match payload {
            Payload::Version { encoding: Encoding::Component, .. } => {
                return Err(Rejection::Proposal { proposal: "component model".to_owned() }.into());
            }
            Payload::TypeSection(reader) => {
                items("the number of types", reader.count())?;
                // With GC types only while a refused module is being named.
                let plain = !self.features.contains(WasmFeatures::GC);
                for ty in plain.then(|| reader.clone().into_iter_err_on_gc_types()).into_iter().flatten() {
                    let ty = ty?;
                    caps::at_most("the number of parameters", ty.params().len() as u64, caps::TYPE_ARITY)?;
                    caps::at_most("the number of results", ty.results().len() as u64, caps::TYPE_ARITY)?;
                }
            }
            Payload::ImportSection(reader) => {
                if let Some(import) = reader.clone().into_imports().next() {
                    let import = import?;
                    let (module, name) = (import.module.to_owned(), import.name.to_owned());
                    return Err(Rejection::ForbiddenImport { module, name }.into());
                }
            }
            Payload::FunctionSection(reader) => items("the number of functions", reader.count())?,
            Payload::TableSection(reader) => {
                caps::at_most("the number of tables", reader.count().into(), caps::TABLES)?;
            }
            Payload::GlobalSection(reader) => items("the number of globals", reader.count())?,
            Payload::ExportSection(reader) => items("the number of exports", reader.count())?,
            Payload::ElementSection(reader) => items("the number of element segments", reader.count())?,
            Payload::DataSection(reader) => items("the number of data segments", reader.count())?,
            Payload::StartSection { .. } => return Err(Rejection::StartFunction.into()),
            _ => {}
        }
        Ok(())
    }

    /// Checks and facts that rest on a validated section.
    fn after(&mut self, payload: &Payload<'_>) -> Result<(), Fault> {
        match payload {
            Payload::MemorySection(reader) => {
                for memory in reader.clone() {
                    let memory = memory?;
                    let cap_pages = self.limits.memory_bytes / Limits::PAGE_BYTES;
                    if memory.initial > cap_pages {
                        return Err(Rejection::MemoryTooSmall {
                            limit_bytes: self.limits.memory_bytes,
                            needed_bytes: memory.initial.saturating_mul(Limits::PAGE_BYTES),
                        }
                        .into());
                    }
                    self.facts.memory_min_pages = memory.initial;
                    self.facts.memory_max_pages = memory.maximum.map_or(cap_pages, |maximum| maximum.min(cap_pages));
                }
            }
            Payload::TableSection(reader) => {
                for table in reader.clone() {
                    let what = "the minimum of a table, in elements,";
                    caps::at_most(what, table?.ty.initial, self.limits.table_elements.into())?;
                }
            }
            Payload::ExportSection(reader) => {
                for export in reader.clone() {
                    let export = export?;
                    self.export(export.name, export.kind, export.index)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn export(&mut self, name: &str, kind: ExternalKind, index: u32) -> Result<(), Fault> {
        caps::at_most("the name of an export, in bytes,", name.len() as u64, caps::EXPORT_NAME_BYTES)?;
        if name.starts_with(names::RESERVED_PREFIX) {
            let message = format!(
                "export `{}` uses the prefix `{}`, which is reserved for the meter; rename it",
                name.escape_debug(),
                names::RESERVED_PREFIX
            );
            return Err(Rejection::Request { message }.into());
        }
        if kind == ExternalKind::Func
            && let Some(types) = self.validator.types(0)
        {
            let ty = types[types.core_function_at(index)].unwrap_func();
            let portable = |types: &[ValType]| types.iter().map(|ty| portable(*ty)).collect();
            let (parameters, results) = (portable(ty.params()), portable(ty.results()));
            self.facts.functions.push(FunctionExport { name: name.to_owned(), parameters, results });
        }
        Ok(())
    }

    /// Validates one function body, operator by operator, with its caps.
    fn function(&mut self, function: FuncToValidate<ValidatorResources>, body: &FunctionBody<'_>) -> Result<(), Fault> {
        caps::at_most("a function body, in bytes,", body.as_bytes().len() as u64, caps::BODY_BYTES)?;
        let mut validator = function.into_validator(std::mem::take(&mut self.allocations));
        let mut reader = body.get_binary_reader();
        reader.set_features(self.features);
        validator.read_locals(&mut reader)?;
        caps::at_most(
            "the number of parameters and locals of a function",
            validator.len_locals().into(),
            caps::LOCALS,
        )?;
        self.growth_bytes += GROWTH_PER_FUNCTION_BYTES;
        let mut operators = wasmparser::OperatorsReader::new(reader);
        while !operators.eof() {
            let (operator, offset) = operators.read_with_offset()?;
            if let Operator::BrTable { targets } = &operator {
                caps::at_most("the number of targets of a br_table", targets.len().into(), caps::BR_TABLE_TARGETS)?;
            }
            validator.op(offset, &operator)?;
            caps::at_most("the nesting of blocks", validator.control_stack_height().into(), caps::NESTING)?;
            caps::at_most(
                "the number of operands on a function's stack",
                validator.operand_stack_height().into(),
                caps::OPERANDS,
            )?;
            if operators::price(&operator).is_none() {
                // Reached only when the parser's accepted list and the cost table disagree.
                let proposal = format!("of operator {}", operators::name(&operator));
                return Err(Rejection::Proposal { proposal }.into());
            }
            self.growth_bytes += growth_bytes(&operator);
        }
        operators.finish()?;
        self.allocations = validator.into_allocations();
        Ok(())
    }

    /// Refuses a module that counting code would blow up, in every runner alike.
    fn growth(&self, module_bytes: usize) -> Result<(), Rejection> {
        let cap = (module_bytes as u64).saturating_mul(caps::GROWTH_RATIO).saturating_add(caps::GROWTH_FREE_BYTES);
        caps::at_most("the size after weaving in the meter, in bytes,", self.growth_bytes + module_bytes as u64, cap)
    }
}

/// Counting code of a function's entry and exit, with its locals, in bytes at most.
const GROWTH_PER_FUNCTION_BYTES: u64 = 80;

/// Counting code that `operator` brings, in bytes at most for all but gigantic functions.
fn growth_bytes(operator: &Operator<'_>) -> u64 {
    if let Some(shape) = operators::makes_nan(operator) {
        return match shape {
            FloatShape::F32 => 16,
            FloatShape::F64 => 20,
            FloatShape::F32x4 | FloatShape::F64x2 => 34,
        };
    }
    match operator {
        Operator::Loop { .. } | Operator::ReturnCall { .. } | Operator::ReturnCallIndirect { .. } => 24,
        Operator::Call { .. } | Operator::CallIndirect { .. } => 24,
        Operator::If { .. } | Operator::Else | Operator::End => 10,
        Operator::Br { .. } | Operator::BrTable { .. } => 10,
        Operator::BrIf { .. } | Operator::Return | Operator::Unreachable => 18,
        Operator::MemoryCopy { .. } | Operator::MemoryFill { .. } | Operator::MemoryInit { .. } => 40,
        Operator::TableCopy { .. } | Operator::TableFill { .. } | Operator::TableInit { .. } => 40,
        Operator::TableGrow { .. } | Operator::MemoryGrow { .. } => 60,
        _ => 0,
    }
}

/// The portable form of a value type, or its name.
fn portable(ty: ValType) -> Result<ValueType, String> {
    match ty {
        ValType::I32 => Ok(ValueType::I32),
        ValType::I64 => Ok(ValueType::I64),
        ValType::F32 => Ok(ValueType::F32),
        ValType::F64 => Ok(ValueType::F64),
        other => Err(other.to_string()),
    }
}

/// Turns the parser's error into a rejection, naming the refused proposal behind it if there is one.
fn name_proposal(module: &[u8], limits: &PrepareLimits, error: &wasmparser::Error) -> Rejection {
    let named = |feature: WasmFeatures| {
        REFUSED.iter().find(|(refused, _)| feature.contains(*refused)).map(|(_, name)| (*name).to_owned())
    };
    if let Some(proposal) = error.missing_wasm_feature().and_then(named) {
        return Rejection::Proposal { proposal };
    }
    // The parser does not always say which feature it missed, so try each refused one alone.
    let proposal = REFUSED.iter().find(|(feature, _)| {
        let with = ACCEPTED_FEATURES.union(requirements(*feature));
        !matches!(check(module, limits, with), Err(Fault::Parser(_)))
    });
    proposal.map_or_else(|| invalid(error), |(_, name)| Rejection::Proposal { proposal: (*name).to_owned() })
}

/// `feature` with the proposals it builds on.
fn requirements(feature: WasmFeatures) -> WasmFeatures {
    match feature {
        WasmFeatures::GC => feature.union(WasmFeatures::FUNCTION_REFERENCES).union(WasmFeatures::GC_TYPES),
        WasmFeatures::EXCEPTIONS | WasmFeatures::LEGACY_EXCEPTIONS => feature.union(WasmFeatures::GC_TYPES),
        _ => feature,
    }
}
