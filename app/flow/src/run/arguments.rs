//! Arguments of a module's export, by its signature.

use frugal_fuel::{Value, ValueType};
use frugal_guests::{Integer, Tagged};
use wasmparser::{ExternalKind, Parser, Payload, TypeRef, ValType};

use super::plan::{RequestError, at};

/// Converts arguments to the types of the export. Integers may also be written as strings of digits.
///
/// Where the module or its export cannot be read, arguments keep their natural types, and the runner
/// refuses the job with its own reason.
///
/// # Errors
/// [`RequestError`] when a value does not fit its parameter.
pub(super) fn module_arguments(module: &[u8], export: &str, values: &[Tagged]) -> Result<Vec<Value>, RequestError> {
    let types = signature(module, export).filter(|types| types.len() == values.len());
    let convert = |(index, value): (usize, &Tagged)| {
        let wanted = types.as_ref().map_or_else(|| natural(value), |types| types[index]);
        fit(value, wanted).ok_or_else(|| {
            let message = format!("argument {} is {}, which does not fit {wanted}", index + 1, value.to_python());
            at("arguments", &message, Some("give numbers within the range of the parameter's type"))
        })
    };
    values.iter().enumerate().map(convert).collect()
}

fn natural(value: &Tagged) -> ValueType {
    match value {
        Tagged::Float(_) => ValueType::F64,
        Tagged::Int(integer) if integer.to_i64().is_some_and(|value| i32::try_from(value).is_ok()) => ValueType::I32,
        _ => ValueType::I64,
    }
}

fn fit(value: &Tagged, wanted: ValueType) -> Option<Value> {
    match wanted {
        ValueType::I32 => {
            let value = integer(value)?;
            let bits = i32::try_from(value).ok().or_else(|| u32::try_from(value).ok().map(u32::cast_signed))?;
            Some(Value::I32(bits))
        }
        ValueType::I64 => {
            let value = integer(value)?;
            let bits = i64::try_from(value).ok().or_else(|| u64::try_from(value).ok().map(u64::cast_signed))?;
            Some(Value::I64(bits))
        }
        #[allow(clippy::cast_possible_truncation)] // rounding to the parameter's precision is what is asked for
        ValueType::F32 => Some(Value::F32((float(value)? as f32).to_bits())),
        ValueType::F64 => Some(Value::F64(float(value)?.to_bits())),
    }
}

fn integer(value: &Tagged) -> Option<i128> {
    match value {
        Tagged::Int(integer) => integer.to_string().parse().ok(),
        Tagged::Str(text) => Integer::parse(text)?.to_string().parse().ok(),
        _ => None,
    }
}

fn float(value: &Tagged) -> Option<f64> {
    match value {
        Tagged::Float(value) => Some(*value),
        Tagged::Int(integer) => integer.to_string().parse().ok(),
        _ => None,
    }
}

/// Parameter types of an exported function, if the module can be read that far.
fn signature(module: &[u8], export: &str) -> Option<Vec<ValueType>> {
    let (mut types, mut functions, mut index) = (Vec::new(), Vec::new(), None);
    for payload in Parser::new(0).parse_all(module) {
        match payload.ok()? {
            Payload::TypeSection(section) => {
                for group in section.into_iter_err_on_gc_types() {
                    let parameters = group.ok()?.params().iter().map(|ty| value_type(*ty)).collect::<Option<Vec<_>>>();
                    types.push(parameters);
                }
            }
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    if let TypeRef::Func(ty) = import.ok()?.ty {
                        functions.push(ty);
                    }
                }
            }
            Payload::FunctionSection(section) => {
                for ty in section {
                    functions.push(ty.ok()?);
                }
            }
            Payload::ExportSection(section) => {
                for entry in section {
                    let entry = entry.ok()?;
                    if entry.name == export && entry.kind == ExternalKind::Func {
                        index = Some(entry.index);
                    }
                }
            }
            Payload::CodeSectionStart { .. } => break,
            _ => {}
        }
    }
    types.get(*functions.get(index? as usize)? as usize)?.clone()
}

fn value_type(ty: ValType) -> Option<ValueType> {
    match ty {
        ValType::I32 => Some(ValueType::I32),
        ValType::I64 => Some(ValueType::I64),
        ValType::F32 => Some(ValueType::F32),
        ValType::F64 => Some(ValueType::F64),
        _ => None,
    }
}
