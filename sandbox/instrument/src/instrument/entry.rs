//! The exported wrapper that takes and returns floats as integers of the same bits.

use frugal_fuel::Rejection;
use wasm_encoder::{Encode, ExportKind, Instruction, ValType};
use wasmparser::{BinaryReader, ExportSectionReader, ExternalKind};

use super::layout::{FunctionType, Layout};
use super::names;
use crate::sections::{Section, Sections, encode_length, invalid};

/// The function to wrap.
pub(super) struct Entry {
    function: u32,
    ty: FunctionType,
}

/// Finds the exported function `name`.
///
/// # Errors
/// [`Rejection::MissingExport`], or [`Rejection::UnsupportedType`] where it takes or gives other than numbers.
pub(super) fn find(sections: &Sections<'_>, layout: &Layout, name: &str) -> Result<Entry, Rejection> {
    let missing = || Rejection::MissingExport { name: name.to_owned(), available: "other names".to_owned() };
    let contents = sections.get(Section::Export).ok_or_else(missing)?;
    let reader = ExportSectionReader::new(BinaryReader::new(contents, 0)).map_err(|error| invalid(&error))?;
    for export in reader {
        let export = export.map_err(|error| invalid(&error))?;
        if export.kind == ExternalKind::Func && export.name == name {
            let ty = layout.function_type(export.index as usize)?.clone();
            for value_type in ty.parameters.iter().chain(&ty.results) {
                if !matches!(value_type, ValType::I32 | ValType::I64 | ValType::F32 | ValType::F64) {
                    let value_type = format!("{value_type:?}").to_lowercase();
                    return Err(Rejection::UnsupportedType { export: name.to_owned(), value_type });
                }
            }
            return Ok(Entry { function: export.index, ty });
        }
    }
    Err(missing())
}

impl Entry {
    /// Adds the wrapper to the module as its last function, and exports it.
    ///
    /// # Errors
    /// [`Rejection`] where a section cannot take one more item.
    pub(super) fn add(&self, sections: &mut Sections<'_>, layout: &mut Layout) -> Result<(), Rejection> {
        let bits = |types: &[ValType]| types.iter().map(|ty| as_bits(*ty)).collect();
        let ty = FunctionType { parameters: bits(&self.ty.parameters), results: bits(&self.ty.results) };
        let type_index = layout.type_index(ty)?;
        let mut function = Vec::new();
        type_index.encode(&mut function);
        sections.append(Section::Function, 1, &function)?;

        let mut export = Vec::new();
        names::ENTRY.encode(&mut export);
        ExportKind::Func.encode(&mut export);
        encode_length(layout.function_count(), &mut export)?;
        sections.append(Section::Export, 1, &export)?;

        let body = self.body()?;
        let mut sized = Vec::with_capacity(body.len() + 5);
        encode_length(body.len(), &mut sized)?;
        sized.extend_from_slice(&body);
        sections.append(Section::Code, 1, &sized)
    }

    /// Locals and instructions: convert the arguments, call, convert the results.
    fn body(&self) -> Result<Vec<u8>, Rejection> {
        let mut body = Vec::new();
        encode_length(self.ty.results.len(), &mut body)?;
        for ty in &self.ty.results {
            1_u32.encode(&mut body);
            ty.encode(&mut body);
        }
        for (at, ty) in (0..).zip(&self.ty.parameters) {
            Instruction::LocalGet(at).encode(&mut body);
            match ty {
                ValType::F32 => Instruction::F32ReinterpretI32.encode(&mut body),
                ValType::F64 => Instruction::F64ReinterpretI64.encode(&mut body),
                _ => {}
            }
        }
        Instruction::Call(self.function).encode(&mut body);
        let first = u32::try_from(self.ty.parameters.len()).unwrap_or(u32::MAX);
        let locals: Vec<_> = (first..).zip(&self.ty.results).collect();
        for (at, _) in locals.iter().rev() {
            Instruction::LocalSet(*at).encode(&mut body);
        }
        for (at, ty) in locals {
            Instruction::LocalGet(at).encode(&mut body);
            match ty {
                ValType::F32 => Instruction::I32ReinterpretF32.encode(&mut body),
                ValType::F64 => Instruction::I64ReinterpretF64.encode(&mut body),
                _ => {}
            }
        }
        Instruction::End.encode(&mut body);
        Ok(body)
    }
}

/// The integer type that holds the bits of `ty`.
fn as_bits(ty: ValType) -> ValType {
    match ty {
        ValType::F32 => ValType::I32,
        ValType::F64 => ValType::I64,
        other => other,
    }
}
