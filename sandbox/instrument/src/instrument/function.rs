//! One function body: its locals, its prologue, the walk over its operators, and the way out.

use frugal_fuel::{CostTable, Rejection};
use wasm_encoder::{BlockType, Encode, Instruction, ValType};
use wasmparser::FunctionBody;

use super::Options;
use super::emit;
use super::layout::Layout;
use super::scan::Scan;
use super::walk::{Frame, Walk};
use crate::operators::FloatShape;
use crate::sections::{encode_length, invalid, malformed};

/// Buffers that rewriting one body after another uses again.
#[derive(Default)]
pub(super) struct Scratch {
    locals: Vec<u8>,
    prologue: Vec<u8>,
    code: Vec<u8>,
    epilogue: Vec<u8>,
    frames: Vec<Frame>,
    scan: Scan,
}

impl Scratch {
    fn parts(&self) -> [&[u8]; 4] {
        [&self.locals, &self.prologue, &self.code, &self.epilogue]
    }

    /// Bytes of the rewritten body.
    pub(super) fn body_len(&self) -> usize {
        self.parts().iter().map(|part| part.len()).sum()
    }

    /// Appends the rewritten body to `out`.
    pub(super) fn write_to(&self, out: &mut Vec<u8>) {
        for part in self.parts() {
            out.extend_from_slice(part);
        }
    }
}

/// Locals that the pass adds, each declared when first used.
pub(super) struct NewLocals {
    first: u32,
    types: Vec<ValType>,
    counter: Option<u32>,
    integer: Option<u32>,
    level: Option<u32>,
    float: [Option<u32>; 3],
}

impl NewLocals {
    fn new(first: u32, counter: Option<u32>) -> Self {
        Self { first, types: Vec::new(), counter, integer: None, level: None, float: [None; 3] }
    }

    fn declare(types: &mut Vec<ValType>, first: u32, ty: ValType) -> u32 {
        let index = (first..).nth(types.len()).unwrap_or(u32::MAX);
        types.push(ty);
        index
    }

    /// The i64 that counts: the cell's value, or in a bounded body what the cell must grow by.
    pub(super) fn counter(&mut self) -> u32 {
        *self.counter.get_or_insert_with(|| Self::declare(&mut self.types, self.first, ValType::I64))
    }

    /// The counter, where some code before this point has written to it.
    pub(super) fn written_counter(&self) -> Option<u32> {
        self.counter
    }

    /// An i32 for lengths and results.
    pub(super) fn integer(&mut self) -> u32 {
        *self.integer.get_or_insert_with(|| Self::declare(&mut self.types, self.first, ValType::I32))
    }

    /// The i32 that holds how many calls may be nested below this one.
    pub(super) fn level(&mut self) -> u32 {
        *self.level.get_or_insert_with(|| Self::declare(&mut self.types, self.first, ValType::I32))
    }

    /// The level, where some code uses it.
    fn written_level(&self) -> Option<u32> {
        self.level
    }

    /// A local for a float of `shape`.
    pub(super) fn float(&mut self, shape: FloatShape) -> u32 {
        let (at, ty) = match shape {
            FloatShape::F32 => (0, ValType::F32),
            FloatShape::F64 => (1, ValType::F64),
            FloatShape::F32x4 | FloatShape::F64x2 => (2, ValType::V128),
        };
        *self.float[at].get_or_insert_with(|| Self::declare(&mut self.types, self.first, ty))
    }
}

/// Rewrites `body`, the `at`th of the code section `contents`, into `scratch`.
///
/// The body becomes, with what is unused left out:
///
/// ```text
/// block $too_deep
///   block $out_of_fuel
///     prologue
///     block $function ... end     branches to the function's label end here
///     save or push the count, return
///   end
///   note it, trap                 one place for all checks, out of the way of what runs often
/// end
/// note it, trap
/// ```
///
/// # Errors
/// [`Rejection`] where the body is malformed or uses an operator without a price.
pub(super) fn rewrite(
    contents: &[u8],
    body: &FunctionBody<'_>,
    at: usize,
    layout: &mut Layout,
    options: &Options,
    scratch: &mut Scratch,
) -> Result<(), Rejection> {
    let ty = layout.function_type(layout.imported_functions + at)?;
    let parameters = u32::try_from(ty.parameters.len()).map_err(|_| malformed("too many parameters"))?;
    let result = match ty.results[..] {
        [] => BlockType::Empty,
        [one] => BlockType::Result(one),
        _ => {
            let mut ty = ty.clone();
            ty.parameters.clear();
            BlockType::FunctionType(layout.type_index(ty)?)
        }
    };
    let locals = Declared::read(contents, body)?;
    let passed = layout.passed;
    let first = parameters.checked_add(locals.count).and_then(|count| count.checked_add(u32::from(passed)));
    let first = first.ok_or_else(|| malformed("too many locals"))?;

    scratch.scan.read(body)?;
    scratch.code.clear();
    scratch.frames.clear();
    Instruction::Block(result).encode(&mut scratch.code);
    let entry_units = i64::from(CostTable::FUEL_1.function_entry);
    let mut walk = Walk {
        layout,
        options,
        scan: &scratch.scan,
        out: &mut scratch.code,
        frames: &mut scratch.frames,
        parameters,
        locals: NewLocals::new(first, passed.then_some(parameters)),
        blocks_seen: 0,
        reachable: true,
        pending: entry_units,
        constant: None,
        unsettled: None,
    };
    walk.run(contents, body, matches!(result, BlockType::Empty))?;
    let mut new_locals = walk.locals;

    surround(layout, entry_units, &mut new_locals, scratch);
    scratch.locals.clear();
    locals.write_with(&new_locals.types, &mut scratch.locals)
}

/// Writes what stands before and after the walked code.
fn surround(layout: &Layout, entry_units: i64, new_locals: &mut NewLocals, scratch: &mut Scratch) {
    let meter = layout.meter;
    let (prologue, epilogue) = (&mut scratch.prologue, &mut scratch.epilogue);
    prologue.clear();
    epilogue.clear();
    if scratch.scan.bounded {
        Instruction::End.encode(epilogue);
        return;
    }
    let level = new_locals.written_level().zip(meter.depth);
    if level.is_some() {
        Instruction::Block(BlockType::Empty).encode(prologue);
    }
    Instruction::Block(BlockType::Empty).encode(prologue);
    if !layout.passed {
        emit::load(prologue, &meter, new_locals.counter());
    }
    emit::check(prologue, new_locals.counter(), entry_units, 0);
    if let Some((level, depth)) = level {
        emit::enter_depth(prologue, depth, level);
    }
    Instruction::Return.encode(epilogue);
    Instruction::End.encode(epilogue);
    emit::out_of_fuel(epilogue, &meter);
    Instruction::End.encode(epilogue);
    if level.is_some() {
        emit::out_of_depth(epilogue, &meter);
        Instruction::End.encode(epilogue);
    }
}

/// The locals a body declares.
struct Declared<'a> {
    groups: u32,
    raw: &'a [u8],
    count: u32,
}

impl<'a> Declared<'a> {
    fn read(contents: &'a [u8], body: &FunctionBody<'_>) -> Result<Self, Rejection> {
        let mut reader = body.get_locals_reader().map_err(|error| invalid(&error))?;
        let (groups, start) = (reader.get_count(), reader.original_position());
        let mut count = 0_u32;
        for _ in 0..groups {
            let (more, _) = reader.read().map_err(|error| invalid(&error))?;
            count = count.checked_add(more).ok_or_else(|| malformed("too many locals"))?;
        }
        let raw = contents.get(start..reader.original_position()).ok_or_else(|| malformed("a body is cut short"))?;
        Ok(Self { groups, raw, count })
    }

    fn write_with(&self, new: &[ValType], out: &mut Vec<u8>) -> Result<(), Rejection> {
        encode_length(self.groups as usize + new.len(), out)?;
        out.extend_from_slice(self.raw);
        for ty in new {
            1_u32.encode(out);
            ty.encode(out);
        }
        Ok(())
    }
}
