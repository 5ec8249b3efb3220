//! What changes outside the bodies where counts are passed in calls ([`super::Carrier::Calls`]): types, what
//! enters the module, and what tables hold.

use frugal_fuel::Rejection;
use wasm_encoder::{ConstExpr, ElementMode, ElementSection, Elements, Encode, ExportKind, Instruction, RefType};
use wasmparser::{
    BinaryReader, ElementItems, ElementKind, ElementSectionReader, ExportSectionReader, ExternalKind,
    FunctionSectionReader, GlobalSectionReader, Operator,
};

use super::layout::Layout;
use crate::sections::{Section, Sections, encode_length, invalid, malformed};

/// Gives every function its passing type, puts an exported or starting one behind a function of its own type
/// that goes through the cell, and an imported one in a table behind one that passes the cell's count.
///
/// # Errors
/// [`Rejection`] where a section is malformed, or a global holds an imported function.
pub(super) fn finish(sections: &mut Sections<'_>, layout: &mut Layout) -> Result<(), Rejection> {
    refuse_imports_in_globals(sections, layout)?;
    let elements = elements(sections, layout)?;
    let mut types = function_types(sections, layout)?;
    let mut bodies = Vec::new();
    for import in layout.adapted().to_vec() {
        let ty = layout.function_type_index(import as usize)?;
        let passing = layout.passing_type(ty)?;
        layout.add_function(ty)?;
        types.push(passing);
        bodies.push(adapter(layout, import)?);
    }
    let mut doors = Doors { types: &mut types, bodies: &mut bodies, of: std::collections::HashMap::new() };
    let exports = exports(sections, layout, &mut doors)?;
    let start = start(sections, layout, &mut doors)?;

    for (section, contents) in [(Section::Element, elements), (Section::Export, exports), (Section::Start, start)] {
        if let Some(contents) = contents {
            sections.set(section, contents);
        }
    }
    if !types.is_empty() {
        let mut contents = Vec::new();
        types.as_slice().encode(&mut contents);
        sections.set(Section::Function, contents);
    }
    let mut code = Vec::new();
    for body in &bodies {
        encode_length(body.len(), &mut code)?;
        code.extend_from_slice(body);
    }
    let count = u32::try_from(bodies.len()).map_err(|_| malformed("too many functions"))?;
    sections.append(Section::Code, count, &code)
}

/// Functions of the original types around the module's own.
struct Doors<'a> {
    types: &'a mut Vec<u32>,
    bodies: &'a mut Vec<Vec<u8>>,
    of: std::collections::HashMap<u32, u32>,
}

impl Doors<'_> {
    /// The function through which `index` is entered from outside. An imported one is outside already.
    fn to(&mut self, layout: &mut Layout, index: u32) -> Result<u32, Rejection> {
        if (index as usize) < layout.imported_functions {
            return Ok(index);
        }
        if let Some(door) = self.of.get(&index) {
            return Ok(*door);
        }
        let ty = layout.function_type_index(index as usize)?;
        let fuel = layout.meter.fuel;
        let mut body = vec![0];
        for (at, _) in (0..).zip(&layout.function_type(index as usize)?.parameters) {
            Instruction::LocalGet(at).encode(&mut body);
        }
        // The count is the last argument and the last result.
        for instruction in
            [Instruction::GlobalGet(fuel), Instruction::Call(index), Instruction::GlobalSet(fuel), Instruction::End]
        {
            instruction.encode(&mut body);
        }
        let door = layout.add_function(ty)?;
        self.types.push(ty);
        self.bodies.push(body);
        self.of.insert(index, door);
        Ok(door)
    }
}

/// The body that calls an imported function with the count in the cell.
fn adapter(layout: &Layout, import: u32) -> Result<Vec<u8>, Rejection> {
    let parameters = u32::try_from(layout.function_type(import as usize)?.parameters.len());
    let parameters = parameters.map_err(|_| malformed("too many parameters"))?;
    let fuel = layout.meter.fuel;
    let mut body = vec![0];
    Instruction::LocalGet(parameters).encode(&mut body);
    Instruction::GlobalSet(fuel).encode(&mut body);
    for at in 0..parameters {
        Instruction::LocalGet(at).encode(&mut body);
    }
    for instruction in [Instruction::Call(import), Instruction::GlobalGet(fuel), Instruction::End] {
        instruction.encode(&mut body);
    }
    Ok(body)
}

/// Passing types of the functions that the module defines.
fn function_types(sections: &Sections<'_>, layout: &mut Layout) -> Result<Vec<u32>, Rejection> {
    let Some(contents) = sections.get(Section::Function) else { return Ok(Vec::new()) };
    let reader = FunctionSectionReader::new(BinaryReader::new(contents, 0)).map_err(|error| invalid(&error))?;
    reader.into_iter().map(|ty| layout.passing_type(ty.map_err(|error| invalid(&error))?)).collect()
}

fn exports(sections: &Sections<'_>, layout: &mut Layout, doors: &mut Doors<'_>) -> Result<Option<Vec<u8>>, Rejection> {
    let Some(contents) = sections.get(Section::Export) else { return Ok(None) };
    let reader = ExportSectionReader::new(BinaryReader::new(contents, 0)).map_err(|error| invalid(&error))?;
    let mut out = Vec::with_capacity(contents.len() + 16);
    reader.count().encode(&mut out);
    for export in reader {
        let export = export.map_err(|error| invalid(&error))?;
        export.name.encode(&mut out);
        if export.kind == ExternalKind::Func {
            ExportKind::Func.encode(&mut out);
            doors.to(layout, export.index)?.encode(&mut out);
        } else {
            out.push(kind_byte(export.kind)?);
            export.index.encode(&mut out);
        }
    }
    Ok(Some(out))
}

fn kind_byte(kind: ExternalKind) -> Result<u8, Rejection> {
    Ok(match kind {
        ExternalKind::Table => 1,
        ExternalKind::Memory => 2,
        ExternalKind::Global => 3,
        _ => return Err(malformed("an export is of a kind that no accepted proposal has")),
    })
}

fn start(sections: &Sections<'_>, layout: &mut Layout, doors: &mut Doors<'_>) -> Result<Option<Vec<u8>>, Rejection> {
    let Some(contents) = sections.get(Section::Start) else { return Ok(None) };
    let index = BinaryReader::new(contents, 0).read_var_u32().map_err(|error| invalid(&error))?;
    let mut out = Vec::new();
    doors.to(layout, index)?.encode(&mut out);
    Ok(Some(out))
}

/// The element section with imported functions behind their adapters, which a last segment declares.
fn elements(sections: &Sections<'_>, layout: &mut Layout) -> Result<Option<Vec<u8>>, Rejection> {
    let mut out = ElementSection::new();
    if let Some(contents) = sections.get(Section::Element) {
        let reader = ElementSectionReader::new(BinaryReader::new(contents, 0)).map_err(|error| invalid(&error))?;
        for element in reader {
            let element = element.map_err(|error| invalid(&error))?;
            let offset;
            let mode = match element.kind {
                ElementKind::Passive => ElementMode::Passive,
                ElementKind::Declared => ElementMode::Declared,
                ElementKind::Active { table_index, offset_expr } => {
                    offset = expression(&offset_expr, layout)?;
                    ElementMode::Active { table: table_index, offset: &offset }
                }
            };
            let (functions, expressions): (Vec<u32>, Vec<ConstExpr>);
            let elements = match element.items {
                ElementItems::Functions(reader) => {
                    functions = reader
                        .into_iter()
                        .map(|index| layout.reference(index.map_err(|error| invalid(&error))?))
                        .collect::<Result<_, _>>()?;
                    Elements::Functions(functions.into())
                }
                ElementItems::Expressions(ty, reader) => {
                    let ty = match ty {
                        wasmparser::RefType::FUNCREF => RefType::FUNCREF,
                        wasmparser::RefType::EXTERNREF => RefType::EXTERNREF,
                        _ => return Err(malformed("a reference type belongs to a refused proposal")),
                    };
                    expressions = reader
                        .into_iter()
                        .map(|item| expression(&item.map_err(|error| invalid(&error))?, layout))
                        .collect::<Result<_, _>>()?;
                    Elements::Expressions(ty, expressions.into())
                }
            };
            out.segment(wasm_encoder::ElementSegment { mode, elements });
        }
    }
    let adapters = layout.adapted().to_vec().into_iter().map(|import| layout.reference(import));
    let adapters = adapters.collect::<Result<Vec<_>, _>>()?;
    if !adapters.is_empty() {
        out.declared(Elements::Functions(adapters.into()));
    }
    if out.is_empty() {
        return Ok(None);
    }
    let mut contents = super::items(&out);
    let mut counted = Vec::with_capacity(contents.len() + 5);
    out.len().encode(&mut counted);
    counted.append(&mut contents);
    Ok(Some(counted))
}

/// A constant expression with an imported function replaced by its adapter.
fn expression(constant: &wasmparser::ConstExpr<'_>, layout: &mut Layout) -> Result<ConstExpr, Rejection> {
    let mut operators = constant.get_operators_reader();
    if let Operator::RefFunc { function_index } = operators.read().map_err(|error| invalid(&error))? {
        return Ok(ConstExpr::ref_func(layout.reference(function_index)?));
    }
    let mut bytes = constant.get_binary_reader();
    let length = bytes.bytes_remaining();
    let raw = bytes.read_bytes(length).map_err(|error| invalid(&error))?;
    // The encoder writes the closing `end` itself.
    Ok(ConstExpr::raw(raw.strip_suffix(&[0x0b]).unwrap_or(raw).iter().copied()))
}

/// A global's value is fixed before adapters are numbered, and no guest has such a one.
fn refuse_imports_in_globals(sections: &Sections<'_>, layout: &Layout) -> Result<(), Rejection> {
    let Some(contents) = sections.get(Section::Global) else { return Ok(()) };
    for global in GlobalSectionReader::new(BinaryReader::new(contents, 0)).map_err(|error| invalid(&error))? {
        let global = global.map_err(|error| invalid(&error))?;
        if let Operator::RefFunc { function_index } =
            global.init_expr.get_operators_reader().read().map_err(|error| invalid(&error))?
            && (function_index as usize) < layout.imported_functions
        {
            return Err(malformed("a global holds an imported function, which a metered guest may not"));
        }
    }
    Ok(())
}
