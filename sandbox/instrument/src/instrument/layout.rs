//! The module's index spaces, and where the meter fits in.

use std::collections::HashMap;

use frugal_fuel::Rejection;
use wasm_encoder::{Encode, ValType};
use wasmparser::{
    BinaryReader, FunctionSectionReader, GlobalSectionReader, ImportSectionReader, TypeRef, TypeSectionReader,
};

use super::{Carrier, Globals, Options};
use crate::sections::{Section, Sections, invalid, malformed};

/// Indices of the meter's globals in the rewritten module.
#[derive(Debug, Clone, Copy)]
pub(super) struct Meter {
    pub(super) fuel: u32,
    pub(super) flags: u32,
    pub(super) depth: Option<u32>,
    /// The memory limit in pages; only where the globals are imported.
    pub(super) pages: Option<u32>,
    /// Globals imported by the module itself; those after them move by `shift`.
    imported: u32,
    /// How far the module's own globals move; 0 where none does.
    pub(super) shift: u32,
}

impl Meter {
    /// New index of the module's global `index`.
    pub(super) fn global(&self, index: u32) -> u32 {
        if index < self.imported { index } else { index.saturating_add(self.shift) }
    }
}

/// A function type, as types to be written.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(super) struct FunctionType {
    pub(super) parameters: Vec<ValType>,
    pub(super) results: Vec<ValType>,
}

/// Types that the pass adds, encoded.
#[derive(Default)]
pub(super) struct NewTypes {
    pub(super) count: u32,
    pub(super) bytes: Vec<u8>,
}

/// The module's types and functions by index.
pub(super) struct Layout {
    pub(super) meter: Meter,
    types: Vec<FunctionType>,
    /// Type index of every function, imported ones first.
    functions: Vec<u32>,
    pub(super) imported_functions: usize,
    /// Counts are passed in calls, see [`Carrier::Calls`].
    pub(super) passed: bool,
    /// Functions that the module itself has.
    own_functions: usize,
    /// Imported functions that a table or a reference names, in the order of their adapters.
    adapted: Vec<u32>,
    new_types: NewTypes,
    new_type_of: HashMap<FunctionType, u32>,
}

impl Layout {
    /// Reads the sections that name types, functions and globals.
    ///
    /// # Errors
    /// [`Rejection::Invalid`] where one is malformed.
    pub(super) fn read(sections: &Sections<'_>, options: &Options) -> Result<Self, Rejection> {
        let mut functions = Vec::new();
        let imported_globals = read_imports(sections, &mut functions)?;
        let imported_functions = functions.len();
        if let Some(contents) = sections.get(Section::Function) {
            let reader = FunctionSectionReader::new(BinaryReader::new(contents, 0));
            for index in reader.map_err(|error| invalid(&error))? {
                functions.push(index.map_err(|error| invalid(&error))?);
            }
        }
        let own_globals = match sections.get(Section::Global) {
            None => 0,
            Some(contents) => {
                GlobalSectionReader::new(BinaryReader::new(contents, 0)).map_err(|error| invalid(&error))?.count()
            }
        };
        let meter = match options.globals {
            Globals::Own => {
                let fuel = imported_globals.checked_add(own_globals).ok_or_else(|| malformed("too many globals"))?;
                let depth = options.depth.then_some(fuel + 2);
                Meter { fuel, flags: fuel + 1, depth, pages: None, imported: imported_globals, shift: 0 }
            }
            Globals::Shared => {
                let fuel = imported_globals;
                let depth = options.depth.then_some(fuel + 3);
                let shift = if options.depth { 4 } else { 3 };
                Meter { fuel, flags: fuel + 1, depth, pages: Some(fuel + 2), imported: imported_globals, shift }
            }
        };
        let types = read_types(sections)?;
        Ok(Self {
            meter,
            types,
            own_functions: functions.len(),
            functions,
            imported_functions,
            passed: options.carrier == Carrier::Calls,
            adapted: Vec::new(),
            new_types: NewTypes::default(),
            new_type_of: HashMap::new(),
        })
    }

    /// Functions in all, imported and defined.
    pub(super) fn function_count(&self) -> usize {
        self.functions.len()
    }

    /// Type of function `index`, imported ones first.
    pub(super) fn function_type(&self, index: usize) -> Result<&FunctionType, Rejection> {
        let ty = self.functions.get(index).and_then(|ty| self.types.get(*ty as usize));
        ty.ok_or_else(|| malformed("a function's type does not exist"))
    }

    /// Index of the type of function `index`, imported ones first.
    pub(super) fn function_type_index(&self, index: usize) -> Result<u32, Rejection> {
        self.functions.get(index).copied().ok_or_else(|| malformed("a function does not exist"))
    }

    /// Notes one more function at the end, of type `ty`; gives its index.
    pub(super) fn add_function(&mut self, ty: u32) -> Result<u32, Rejection> {
        let index = u32::try_from(self.functions.len()).map_err(|_| malformed("too many functions"))?;
        self.functions.push(ty);
        Ok(index)
    }

    /// Function `index` as tables and references hold it: of the type that passes a count.
    pub(super) fn reference(&mut self, index: u32) -> Result<u32, Rejection> {
        if !self.passed || index as usize >= self.imported_functions {
            return Ok(index);
        }
        let at = self.adapted.iter().position(|adapted| *adapted == index).unwrap_or_else(|| {
            self.adapted.push(index);
            self.adapted.len() - 1
        });
        u32::try_from(self.own_functions + at).map_err(|_| malformed("too many functions"))
    }

    /// Imported functions that need an adapter, in the order in which [`Layout::reference`] numbers these.
    pub(super) fn adapted(&self) -> &[u32] {
        &self.adapted
    }

    /// Index of type `index` with the count as its last parameter and result.
    pub(super) fn passing_type(&mut self, index: u32) -> Result<u32, Rejection> {
        let mut ty = self.block_type(index)?.clone();
        ty.parameters.push(ValType::I64);
        ty.results.push(ValType::I64);
        self.type_index(ty)
    }

    /// Type `index` of the module, as a block names it.
    pub(super) fn block_type(&self, index: u32) -> Result<&FunctionType, Rejection> {
        self.types.get(index as usize).ok_or_else(|| malformed("a block's type does not exist"))
    }

    /// Index of a type equal to `ty`, added to the module where the pass has not added it yet.
    pub(super) fn type_index(&mut self, ty: FunctionType) -> Result<u32, Rejection> {
        if let Some(index) = self.new_type_of.get(&ty) {
            return Ok(*index);
        }
        let old = u32::try_from(self.types.len()).map_err(|_| malformed("too many types"))?;
        let index = old + self.new_types.count;
        self.new_types.count += 1;
        self.new_types.bytes.push(0x60);
        ty.parameters.encode(&mut self.new_types.bytes);
        ty.results.encode(&mut self.new_types.bytes);
        self.new_type_of.insert(ty, index);
        Ok(index)
    }

    /// Hands over the types added so far.
    pub(super) fn take_new_types(&mut self) -> NewTypes {
        std::mem::take(&mut self.new_types)
    }
}

/// Adds imported functions' types to `functions`; gives the number of imported globals.
fn read_imports(sections: &Sections<'_>, functions: &mut Vec<u32>) -> Result<u32, Rejection> {
    let Some(contents) = sections.get(Section::Import) else { return Ok(0) };
    let reader = ImportSectionReader::new(BinaryReader::new(contents, 0)).map_err(|error| invalid(&error))?;
    let mut globals = 0;
    for import in reader.into_imports() {
        match import.map_err(|error| invalid(&error))?.ty {
            TypeRef::Func(ty) => functions.push(ty),
            TypeRef::Global(_) => globals += 1,
            TypeRef::Table(_) | TypeRef::Memory(_) => {}
            _ => return Err(malformed("an import is of a kind that no accepted proposal has")),
        }
    }
    Ok(globals)
}

fn read_types(sections: &Sections<'_>) -> Result<Vec<FunctionType>, Rejection> {
    let Some(contents) = sections.get(Section::Type) else { return Ok(Vec::new()) };
    let reader = TypeSectionReader::new(BinaryReader::new(contents, 0)).map_err(|error| invalid(&error))?;
    reader
        .into_iter_err_on_gc_types()
        .map(|ty| {
            let ty = ty.map_err(|error| invalid(&error))?;
            Ok(FunctionType { parameters: convert(ty.params())?, results: convert(ty.results())? })
        })
        .collect()
}

fn convert(types: &[wasmparser::ValType]) -> Result<Vec<ValType>, Rejection> {
    use wasmparser::{RefType, ValType as Parsed};
    types
        .iter()
        .map(|ty| {
            Ok(match ty {
                Parsed::I32 => ValType::I32,
                Parsed::I64 => ValType::I64,
                Parsed::F32 => ValType::F32,
                Parsed::F64 => ValType::F64,
                Parsed::V128 => ValType::V128,
                Parsed::Ref(RefType::FUNCREF) => ValType::FUNCREF,
                Parsed::Ref(RefType::EXTERNREF) => ValType::EXTERNREF,
                Parsed::Ref(_) => return Err(malformed("a reference type belongs to a refused proposal")),
            })
        })
        .collect()
}
