//! One function body: follows control flow as the native engine's translator does, and charges where it charges.

use frugal_fuel::{CostTable, Rejection};
use wasm_encoder::{BlockType, Encode, Instruction, ValType};
use wasmparser::{FunctionBody, Operator};

use super::Options;
use super::emit;
use super::layout::{Layout, Meter};
use crate::operators::{FloatShape, ignores_nan_bits, makes_nan, name, price};
use crate::sections::{encode_length, invalid, malformed};

/// Bulk operations of constant size up to this many units are charged without a check
/// (wasmtime-internal-cranelift 48.0.8, `pre_translate_bulk_op`).
const SMALL_BULK_UNITS: i64 = 128;

/// Buffers that rewriting one body after another uses again.
#[derive(Default)]
pub(super) struct Scratch {
    locals: Vec<u8>,
    prologue: Vec<u8>,
    code: Vec<u8>,
    frames: Vec<Frame>,
}

impl Scratch {
    /// Bytes of the rewritten body.
    pub(super) fn body_len(&self) -> usize {
        self.locals.len() + self.prologue.len() + self.code.len()
    }

    /// Appends the rewritten body to `out`.
    pub(super) fn write_to(&self, out: &mut Vec<u8>) {
        for part in [&self.locals, &self.prologue, &self.code] {
            out.extend_from_slice(part);
        }
    }
}

/// A label's block, and what is known of reaching its end.
#[derive(Debug, Clone, Copy)]
struct Frame {
    kind: Kind,
    /// The block's head was reachable.
    head_reachable: bool,
    /// For an `if` past its `else`: the end of the first arm was reachable.
    first_arm_reachable: Option<bool>,
    /// Reachable code branches to its end.
    branched_to: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A block, or the function itself.
    Block,
    Loop,
    If,
}

/// Locals that the pass adds, each declared when first used.
struct NewLocals {
    first: u32,
    types: Vec<ValType>,
    counter: u32,
    integer: Option<u32>,
    level: Option<u32>,
    float: [Option<u32>; 3],
}

impl NewLocals {
    fn new(first: u32) -> Self {
        Self { first, types: vec![ValType::I64], counter: first, integer: None, level: None, float: [None; 3] }
    }

    fn declare(types: &mut Vec<ValType>, first: u32, ty: ValType) -> u32 {
        let index = (first..).nth(types.len()).unwrap_or(u32::MAX);
        types.push(ty);
        index
    }

    /// An i32 for lengths and results.
    fn integer(&mut self) -> u32 {
        *self.integer.get_or_insert_with(|| Self::declare(&mut self.types, self.first, ValType::I32))
    }

    /// The i32 that holds how many calls may be nested below this one.
    fn level(&mut self) -> u32 {
        *self.level.get_or_insert_with(|| Self::declare(&mut self.types, self.first, ValType::I32))
    }

    /// A local for a float of `shape`.
    fn float(&mut self, shape: FloatShape) -> u32 {
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
    let parameters = ty.parameters.len();
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
    let first = u32::try_from(parameters).ok().and_then(|parameters| parameters.checked_add(locals.count));
    let first = first.ok_or_else(|| malformed("too many locals"))?;

    scratch.code.clear();
    scratch.frames.clear();
    // Everything sits in one block, so that branches to the function's label reach the epilogue.
    Instruction::Block(result).encode(&mut scratch.code);
    let meter = layout.meter;
    let mut pass = Pass {
        meter,
        options,
        out: &mut scratch.code,
        frames: &mut scratch.frames,
        locals: NewLocals::new(first),
        reachable: true,
        pending: 0,
        constant: None,
        unsettled: None,
    };
    pass.run(contents, body)?;
    let new_locals = pass.locals;

    scratch.prologue.clear();
    let entry_units = i64::from(CostTable::FUEL_1.function_entry);
    emit::enter(&mut scratch.prologue, &meter, new_locals.counter, entry_units);
    if let (Some(depth), Some(level)) = (meter.depth, new_locals.level) {
        emit::enter_depth(&mut scratch.prologue, &meter, depth, level);
    }
    scratch.locals.clear();
    locals.write_with(&new_locals.types, &mut scratch.locals)
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

/// State of the walk over one body.
struct Pass<'a> {
    meter: Meter,
    options: &'a Options,
    out: &'a mut Vec<u8>,
    frames: &'a mut Vec<Frame>,
    locals: NewLocals,
    /// As the native engine's translator sees it.
    reachable: bool,
    /// Units not yet added to the counter.
    pending: i64,
    /// The operand on top of the stack, where the previous operator was a constant.
    constant: Option<u32>,
    /// A float on top of the stack whose NaN is not canonicalised yet.
    unsettled: Option<FloatShape>,
}

impl Pass<'_> {
    fn run(&mut self, contents: &[u8], body: &FunctionBody<'_>) -> Result<(), Rejection> {
        self.push_frame(Kind::Block);
        let mut operators = body.get_operators_reader().map_err(|error| invalid(&error))?;
        let mut start = operators.original_position();
        while !operators.eof() {
            let operator = operators.read().map_err(|error| invalid(&error))?;
            let end = operators.original_position();
            let raw = contents.get(start..end).ok_or_else(|| malformed("a body is cut short"))?;
            start = end;
            if self.frames.is_empty() {
                return Err(malformed("operators remain after the end of the function"));
            }
            if self.reachable { self.live(&operator, raw)? } else { self.dead(&operator, raw)? }
        }
        if self.frames.is_empty() { Ok(()) } else { Err(malformed("a body ends inside a block")) }
    }

    /// Copies an operator, renumbering globals past an imported meter.
    fn copy(&mut self, operator: &Operator<'_>, raw: &[u8]) {
        match operator {
            Operator::GlobalGet { global_index } if self.meter.shift > 0 => {
                Instruction::GlobalGet(self.meter.global(*global_index)).encode(self.out);
            }
            Operator::GlobalSet { global_index } if self.meter.shift > 0 => {
                Instruction::GlobalSet(self.meter.global(*global_index)).encode(self.out);
            }
            _ => self.out.extend_from_slice(raw),
        }
    }

    /// An operator that no path reaches: free, but it shapes what follows.
    fn dead(&mut self, operator: &Operator<'_>, raw: &[u8]) -> Result<(), Rejection> {
        match operator {
            Operator::Block { .. } => self.push_frame(Kind::Block),
            Operator::Loop { .. } => self.push_frame(Kind::Loop),
            Operator::If { .. } => self.push_frame(Kind::If),
            Operator::Else => self.enter_else()?,
            Operator::End => return self.end(raw),
            _ => {}
        }
        self.copy(operator, raw);
        Ok(())
    }

    /// An operator that some path may reach.
    fn live(&mut self, operator: &Operator<'_>, raw: &[u8]) -> Result<(), Rejection> {
        if let Some(shape) = self.unsettled.take()
            && !ignores_nan_bits(operator, shape)
        {
            let scratch = self.locals.float(shape);
            emit::canonicalise(self.out, shape, scratch);
        }
        let units = price(operator)
            .ok_or_else(|| Rejection::Proposal { proposal: format!("of operator {}", name(operator)) })?;
        self.pending += i64::from(units);
        let constant = self.constant.take();
        match operator {
            Operator::Block { .. } => self.push_frame(Kind::Block),
            Operator::Loop { .. } => return self.enter_loop(raw),
            Operator::If { .. } => {
                self.flush();
                self.push_frame(Kind::If);
            }
            Operator::Else => {
                self.flush();
                self.enter_else()?;
            }
            Operator::End => {
                self.flush();
                return self.end(raw);
            }
            Operator::Br { .. } | Operator::BrIf { .. } | Operator::BrTable { .. } => self.branch(operator)?,
            Operator::Return | Operator::Unreachable => {
                self.save();
                self.reachable = false;
            }
            Operator::Call { .. } | Operator::CallIndirect { .. } => return self.call(raw),
            Operator::ReturnCall { .. } | Operator::ReturnCallIndirect { .. } => self.tail_call(),
            Operator::MemoryGrow { mem } => {
                return self.memory_grow(*mem, constant.is_some());
            }
            Operator::I32Const { value } => self.constant = Some(value.cast_unsigned()),
            _ => {
                if let Some(factor) = units_per_item(operator) {
                    self.bulk(factor, constant);
                }
            }
        }
        self.copy(operator, raw);
        if self.options.canonicalise_nan {
            self.unsettled = makes_nan(operator);
        }
        Ok(())
    }

    fn push_frame(&mut self, kind: Kind) {
        let head_reachable = self.reachable;
        self.frames.push(Frame { kind, head_reachable, first_arm_reachable: None, branched_to: false });
    }

    /// Adds what is pending to the counter.
    fn flush(&mut self) {
        emit::charge(self.out, self.locals.counter, std::mem::take(&mut self.pending));
    }

    /// Stores the counter and what is pending in the cell; the counter itself is left behind.
    fn save(&mut self) {
        emit::sum(self.out, self.locals.counter, std::mem::take(&mut self.pending));
        Instruction::GlobalSet(self.meter.fuel).encode(self.out);
    }

    /// Flushes and stops the run where the fuel is out.
    fn check(&mut self) {
        self.flush();
        emit::check(self.out, &self.meter, self.locals.counter);
    }

    fn enter_loop(&mut self, raw: &[u8]) -> Result<(), Rejection> {
        self.flush();
        self.push_frame(Kind::Loop);
        self.out.extend_from_slice(raw);
        emit::check(self.out, &self.meter, self.locals.counter);
        Ok(())
    }

    fn enter_else(&mut self) -> Result<(), Rejection> {
        let reachable = self.reachable;
        let frame = self.frames.last_mut().ok_or_else(|| malformed("`else` outside an `if`"))?;
        if frame.kind != Kind::If || frame.first_arm_reachable.is_some() {
            return Err(malformed("`else` outside an `if`"));
        }
        frame.first_arm_reachable = Some(reachable);
        self.reachable = frame.head_reachable;
        Ok(())
    }

    fn end(&mut self, raw: &[u8]) -> Result<(), Rejection> {
        let frame = self.frames.pop().ok_or_else(|| malformed("`end` outside a block"))?;
        if !self.reachable {
            let around = frame.kind == Kind::If && frame.head_reachable && frame.first_arm_reachable.unwrap_or(true);
            // A branch to a loop leads to its head, never past its end.
            self.reachable = around || (frame.branched_to && frame.kind != Kind::Loop);
        }
        self.out.extend_from_slice(raw);
        if self.frames.is_empty() {
            if self.reachable {
                self.save();
            }
            Instruction::End.encode(self.out);
        }
        Ok(())
    }

    fn branch(&mut self, operator: &Operator<'_>) -> Result<(), Rejection> {
        self.flush();
        match operator {
            Operator::BrIf { relative_depth } => self.mark(*relative_depth)?,
            Operator::Br { relative_depth } => {
                self.mark(*relative_depth)?;
                self.reachable = false;
            }
            Operator::BrTable { targets } => {
                self.mark(targets.default())?;
                for depth in targets.targets() {
                    self.mark(depth.map_err(|error| invalid(&error))?)?;
                }
                self.reachable = false;
            }
            _ => {}
        }
        Ok(())
    }

    /// Notes that the label `depth` is branched to.
    fn mark(&mut self, depth: u32) -> Result<(), Rejection> {
        let at = self.frames.len().checked_sub(depth as usize + 1);
        let frame = at.and_then(|at| self.frames.get_mut(at)).ok_or_else(|| malformed("a label does not exist"))?;
        frame.branched_to = true;
        Ok(())
    }

    fn call(&mut self, raw: &[u8]) -> Result<(), Rejection> {
        self.save();
        if let Some(depth) = self.meter.depth {
            Instruction::LocalGet(self.locals.level()).encode(self.out);
            Instruction::GlobalSet(depth).encode(self.out);
        }
        self.out.extend_from_slice(raw);
        Instruction::GlobalGet(self.meter.fuel).encode(self.out);
        Instruction::LocalSet(self.locals.counter).encode(self.out);
        Ok(())
    }

    fn tail_call(&mut self) {
        self.save();
        if let Some(depth) = self.meter.depth {
            // The callee takes this call's place, so it finds the level that this one found.
            Instruction::LocalGet(self.locals.level()).encode(self.out);
            Instruction::I32Const(1).encode(self.out);
            Instruction::I32Add.encode(self.out);
            Instruction::GlobalSet(depth).encode(self.out);
        }
        self.reachable = false;
    }

    fn memory_grow(&mut self, memory: u32, constant: bool) -> Result<(), Rejection> {
        if !constant {
            self.check();
        }
        let scratch = self.locals.integer();
        emit::memory_grow(self.out, &self.meter, memory, scratch);
        Ok(())
    }

    /// Charges a bulk operation whose length is on top of the stack, before it happens.
    fn bulk(&mut self, factor: u8, constant: Option<u32>) {
        let factor = i64::from(factor);
        if let Some(length) = constant {
            let units = i64::from(length) * factor;
            self.pending += units;
            if units > SMALL_BULK_UNITS {
                self.check();
            }
            return;
        }
        let scratch = self.locals.integer();
        Instruction::LocalTee(scratch).encode(self.out);
        let pending = std::mem::take(&mut self.pending);
        emit::charge_dynamic(self.out, self.locals.counter, pending, scratch, factor);
        emit::check(self.out, &self.meter, self.locals.counter);
    }
}

/// Units per byte or element of a bulk operation.
fn units_per_item(operator: &Operator<'_>) -> Option<u8> {
    let costs = CostTable::FUEL_1.variable;
    Some(match operator {
        Operator::MemoryCopy { .. } => costs.memory_copy_per_byte,
        Operator::MemoryFill { .. } => costs.memory_fill_per_byte,
        Operator::MemoryInit { .. } => costs.memory_init_per_byte,
        Operator::TableCopy { .. } => costs.table_copy_per_element,
        Operator::TableFill { .. } => costs.table_fill_per_element,
        Operator::TableInit { .. } => costs.table_init_per_element,
        Operator::TableGrow { .. } => costs.table_grow_per_element,
        _ => return None,
    })
}
