//! The walk over one body's operators: follows control flow as the native engine's translator does, and
//! counts what it counts.
//!
//! Units are added to the counter as late as possible. At every point the exact count is the counter plus
//! `pending`, which is known here and differs from point to point. Where paths meet at a label they must
//! leave the same amount pending: the first edge fixes it, and each other edge adds the difference to
//! the counter on its way. So a count is the sum along the path taken, as it is natively, while code
//! without branches back costs nothing until it calls, returns or checks.

use frugal_fuel::{CostTable, Rejection};
use wasm_encoder::{Encode, Instruction};
use wasmparser::{BlockType, FunctionBody, Operator};

use super::Options;
use super::emit;
use super::function::NewLocals;
use super::layout::Layout;
use super::scan::{BlockFacts, Scan};
use crate::operators::{FloatShape, ignores_nan_bits, makes_nan, name, price};
use crate::sections::{invalid, malformed};

/// Bulk operations of constant size up to this many units are charged without a check
/// (wasmtime-internal-cranelift 48.0.8, `pre_translate_bulk_op`).
const SMALL_BULK_UNITS: i64 = 128;

/// A label's block, and what is known of reaching its end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    kind: Kind,
    /// A branch to its label carries no values.
    carries_nothing: bool,
    /// The block's head was reachable.
    head_reachable: bool,
    /// For an `if` past its `else`: the end of the first arm was reachable.
    first_arm_reachable: Option<bool>,
    /// Reachable code branches to its end.
    branched_to: bool,
    /// Units pending at its head, inside.
    head_pending: i64,
    /// Units pending at its label, once fixed.
    label_pending: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A block, or the function itself.
    Block,
    Loop,
    If,
}

/// State of the walk over one body.
pub(super) struct Walk<'a> {
    pub(super) layout: &'a mut Layout,
    pub(super) options: &'a Options,
    pub(super) scan: &'a Scan,
    pub(super) out: &'a mut Vec<u8>,
    pub(super) frames: &'a mut Vec<Frame>,
    /// Parameters that the function declares. A passed count comes after them, so its own locals move by one.
    pub(super) parameters: u32,
    pub(super) locals: NewLocals,
    /// Blocks opened so far, the function included.
    pub(super) blocks_seen: usize,
    /// As the native engine's translator sees it.
    pub(super) reachable: bool,
    /// Units not yet added to the counter.
    pub(super) pending: i64,
    /// The operand on top of the stack, where the previous operator was a constant.
    pub(super) constant: Option<u32>,
    /// A float on top of the stack whose NaN is not canonicalised yet.
    pub(super) unsettled: Option<FloatShape>,
}

impl Walk<'_> {
    /// Walks the whole body. `no_results` says that the function returns nothing.
    pub(super) fn run(&mut self, contents: &[u8], body: &FunctionBody<'_>, no_results: bool) -> Result<(), Rejection> {
        self.push_frame(Kind::Block, no_results)?;
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

    /// Copies an operator, renumbering globals past an imported meter and locals past a passed count.
    fn copy(&mut self, operator: &Operator<'_>, raw: &[u8]) -> Result<(), Rejection> {
        let meter = &self.layout.meter;
        let passed = self.layout.passed;
        let moved = |index: u32| passed && index >= self.parameters;
        match *operator {
            Operator::LocalGet { local_index } if moved(local_index) => {
                Instruction::LocalGet(local_index.saturating_add(1)).encode(self.out);
            }
            Operator::LocalSet { local_index } if moved(local_index) => {
                Instruction::LocalSet(local_index.saturating_add(1)).encode(self.out);
            }
            Operator::LocalTee { local_index } if moved(local_index) => {
                Instruction::LocalTee(local_index.saturating_add(1)).encode(self.out);
            }
            Operator::RefFunc { function_index } if passed => {
                Instruction::RefFunc(self.layout.reference(function_index)?).encode(self.out);
            }
            Operator::GlobalGet { global_index } if meter.shift > 0 => {
                Instruction::GlobalGet(meter.global(global_index)).encode(self.out);
            }
            Operator::GlobalSet { global_index } if meter.shift > 0 => {
                Instruction::GlobalSet(meter.global(global_index)).encode(self.out);
            }
            _ => self.out.extend_from_slice(raw),
        }
        Ok(())
    }

    /// An operator that no path reaches: free, but it shapes what follows.
    fn dead(&mut self, operator: &Operator<'_>, raw: &[u8]) -> Result<(), Rejection> {
        match operator {
            Operator::Block { .. } => self.push_dead(Kind::Block)?,
            Operator::Loop { .. } => self.push_dead(Kind::Loop)?,
            Operator::If { .. } => self.push_dead(Kind::If)?,
            Operator::Else => self.enter_else()?,
            Operator::End => return self.end(raw),
            Operator::Return if self.layout.passed => self.push_count(),
            Operator::Call { .. }
            | Operator::CallIndirect { .. }
            | Operator::ReturnCall { .. }
            | Operator::ReturnCallIndirect { .. }
                if self.layout.passed =>
            {
                // Never run; written so that it validates.
                self.pending = 0;
                return self.call(operator, raw);
            }
            _ => {}
        }
        self.copy(operator, raw)
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
            Operator::Block { blockty } => {
                let carries_nothing = self.results(*blockty)? == 0;
                self.push_frame(Kind::Block, carries_nothing)?;
            }
            Operator::Loop { blockty } => return self.enter_loop(*blockty, raw),
            Operator::If { blockty } => self.enter_if(*blockty)?,
            Operator::Else => self.enter_else()?,
            Operator::End => return self.end(raw),
            Operator::BrIf { relative_depth } => return self.branch_if(*relative_depth, raw),
            Operator::Br { .. } | Operator::BrTable { .. } => self.branch(operator)?,
            Operator::Return => {
                self.give_back();
                self.reachable = false;
            }
            Operator::Unreachable => {
                self.save();
                self.reachable = false;
            }
            Operator::Call { .. }
            | Operator::CallIndirect { .. }
            | Operator::ReturnCall { .. }
            | Operator::ReturnCallIndirect { .. } => return self.call(operator, raw),
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
        self.copy(operator, raw)?;
        if self.options.canonicalise_nan {
            self.unsettled = makes_nan(operator);
        }
        Ok(())
    }

    /// Values that a block of this type leaves.
    fn results(&self, ty: BlockType) -> Result<usize, Rejection> {
        match ty {
            BlockType::Empty => Ok(0),
            BlockType::Type(_) => Ok(1),
            BlockType::FuncType(index) => Ok(self.layout.block_type(index)?.results.len()),
        }
    }

    /// Opens a frame. Its label's pending amount is left open unless a `br_table` names it: that has one
    /// amount for all its labels, so theirs is fixed at once.
    fn push_frame(&mut self, kind: Kind, carries_nothing: bool) -> Result<&mut Frame, Rejection> {
        let facts = self.facts()?;
        self.blocks_seen += 1;
        self.frames.push(Frame {
            kind,
            carries_nothing,
            head_reachable: self.reachable,
            first_arm_reachable: None,
            branched_to: false,
            head_pending: self.pending,
            label_pending: facts.in_table.then_some(0),
        });
        self.frames.last_mut().ok_or_else(|| malformed("no block is open"))
    }

    /// Opens a frame that no path reaches.
    fn push_dead(&mut self, kind: Kind) -> Result<(), Rejection> {
        self.push_frame(kind, false).map(|_| ())
    }

    /// What the scan knows of the block that opens next.
    fn facts(&self) -> Result<BlockFacts, Rejection> {
        self.scan.blocks.get(self.blocks_seen).copied().ok_or_else(|| malformed("a block was not seen before"))
    }

    /// Moves all but `left` of what is pending to the counter.
    fn flush_to(&mut self, left: i64) {
        let units = std::mem::replace(&mut self.pending, left) - left;
        if units != 0 {
            emit::charge(self.out, self.locals.counter(), units);
        }
    }

    /// Stores the exact count in the cell; the counter itself is left behind.
    fn save(&mut self) {
        let pending = std::mem::take(&mut self.pending);
        let meter = &self.layout.meter;
        if self.scan.bounded && !self.layout.passed {
            emit::add_to_cell(self.out, meter, self.locals.written_counter(), pending);
        } else {
            emit::sum(self.out, self.locals.counter(), pending);
            Instruction::GlobalSet(meter.fuel).encode(self.out);
        }
    }

    /// Pushes the exact count, for a callee or a caller.
    fn push_count(&mut self) {
        let pending = std::mem::take(&mut self.pending);
        emit::sum(self.out, self.locals.counter(), pending);
    }

    /// Leaves the exact count to the caller.
    fn give_back(&mut self) {
        if self.layout.passed { self.push_count() } else { self.save() }
    }

    /// Stops the run where the fuel is out.
    fn check(&mut self) {
        // The block around the function's own holds what then happens.
        let depth = u32::try_from(self.frames.len()).unwrap_or(u32::MAX);
        emit::check(self.out, self.locals.counter(), self.pending, depth);
    }

    fn enter_loop(&mut self, ty: BlockType, raw: &[u8]) -> Result<(), Rejection> {
        if self.facts()?.in_table {
            self.flush_to(0);
        }
        let carries_nothing = match ty {
            BlockType::FuncType(index) => self.layout.block_type(index)?.parameters.is_empty(),
            _ => true,
        };
        let pending = self.pending;
        self.push_frame(Kind::Loop, carries_nothing)?.label_pending = Some(pending);
        self.out.extend_from_slice(raw);
        self.check();
        Ok(())
    }

    fn enter_if(&mut self, ty: BlockType) -> Result<(), Rejection> {
        let BlockFacts { in_table, has_else } = self.facts()?;
        let carries_nothing = self.results(ty)? == 0;
        if !has_else && in_table {
            self.flush_to(0);
        }
        let pending = self.pending;
        let frame = self.push_frame(Kind::If, carries_nothing)?;
        if !has_else {
            // The edge past the only arm cannot be given code, so it decides.
            frame.label_pending = Some(pending);
        }
        Ok(())
    }

    fn enter_else(&mut self) -> Result<(), Rejection> {
        let reachable = self.reachable;
        let at = self.frames.len().checked_sub(1).ok_or_else(|| malformed("`else` outside an `if`"))?;
        if self.frames[at].kind != Kind::If || self.frames[at].first_arm_reachable.is_some() {
            return Err(malformed("`else` outside an `if`"));
        }
        if reachable {
            let left = self.label_pending(at);
            self.flush_to(left);
        }
        let frame = &mut self.frames[at];
        frame.first_arm_reachable = Some(reachable);
        self.reachable = frame.head_reachable;
        self.pending = frame.head_pending;
        Ok(())
    }

    fn end(&mut self, raw: &[u8]) -> Result<(), Rejection> {
        let frame = self.frames.pop().ok_or_else(|| malformed("`end` outside a block"))?;
        if frame.kind != Kind::Loop {
            if self.reachable {
                self.flush_to(frame.label_pending.unwrap_or(self.pending));
            } else {
                let around =
                    frame.kind == Kind::If && frame.head_reachable && frame.first_arm_reachable.unwrap_or(true);
                self.reachable = around || frame.branched_to;
                self.pending = frame.label_pending.unwrap_or(0);
            }
        }
        self.out.extend_from_slice(raw);
        if self.frames.is_empty() && (self.reachable || self.layout.passed) {
            self.give_back();
        }
        Ok(())
    }

    fn branch(&mut self, operator: &Operator<'_>) -> Result<(), Rejection> {
        match operator {
            Operator::Br { relative_depth } => {
                let at = self.mark(*relative_depth)?;
                let left = self.label_pending(at);
                self.flush_to(left);
            }
            Operator::BrTable { targets } => {
                self.mark(targets.default())?;
                for depth in targets.targets() {
                    self.mark(depth.map_err(|error| invalid(&error))?)?;
                }
                self.flush_to(0);
            }
            _ => {}
        }
        self.reachable = false;
        Ok(())
    }

    fn branch_if(&mut self, depth: u32, raw: &[u8]) -> Result<(), Rejection> {
        let at = self.mark(depth)?;
        let left = self.label_pending(at);
        let Frame { kind, carries_nothing, .. } = self.frames[at];
        if left == self.pending || kind == Kind::Loop || !carries_nothing {
            self.flush_to(left);
            self.out.extend_from_slice(raw);
        } else {
            // Only who takes the branch pays for the difference.
            emit::charge_and_branch_if(self.out, self.locals.counter(), self.pending - left, depth + 1);
        }
        Ok(())
    }

    /// Notes that the label `depth` is branched to; gives its frame's place.
    fn mark(&mut self, depth: u32) -> Result<usize, Rejection> {
        let at =
            self.frames.len().checked_sub(depth as usize + 1).ok_or_else(|| malformed("a label does not exist"))?;
        self.frames[at].branched_to = true;
        Ok(at)
    }

    /// Units that every edge to the label of frame `at` leaves pending; the first edge fixes them.
    fn label_pending(&mut self, at: usize) -> i64 {
        *self.frames[at].label_pending.get_or_insert(self.pending)
    }

    fn call(&mut self, operator: &Operator<'_>, raw: &[u8]) -> Result<(), Rejection> {
        let tail = matches!(operator, Operator::ReturnCall { .. } | Operator::ReturnCallIndirect { .. });
        if let Some(depth) = self.layout.meter.depth {
            Instruction::LocalGet(self.locals.level()).encode(self.out);
            if tail {
                // The callee takes this call's place, so it finds the level that this one found.
                Instruction::I32Const(1).encode(self.out);
                Instruction::I32Add.encode(self.out);
            }
            Instruction::GlobalSet(depth).encode(self.out);
        }
        if self.layout.passed {
            self.call_passing(operator)?;
        } else {
            self.save();
            self.out.extend_from_slice(raw);
            if !tail {
                emit::load(self.out, &self.layout.meter, self.locals.counter());
            }
        }
        self.reachable &= !tail;
        Ok(())
    }

    /// A call where counts are passed: imported functions alone know nothing of them.
    fn call_passing(&mut self, operator: &Operator<'_>) -> Result<(), Rejection> {
        match *operator {
            Operator::Call { function_index } | Operator::ReturnCall { function_index }
                if (function_index as usize) < self.layout.imported_functions =>
            {
                self.save();
                Instruction::Call(function_index).encode(self.out);
                emit::load(self.out, &self.layout.meter, self.locals.counter());
                if matches!(operator, Operator::ReturnCall { .. }) {
                    self.push_count();
                    Instruction::Return.encode(self.out);
                }
            }
            Operator::Call { function_index } => {
                self.push_count();
                Instruction::Call(function_index).encode(self.out);
                Instruction::LocalSet(self.locals.counter()).encode(self.out);
            }
            Operator::ReturnCall { function_index } => {
                self.push_count();
                Instruction::ReturnCall(function_index).encode(self.out);
            }
            Operator::CallIndirect { type_index, table_index } => {
                let type_index = self.slide_count_under(type_index)?;
                Instruction::CallIndirect { type_index, table_index }.encode(self.out);
                Instruction::LocalSet(self.locals.counter()).encode(self.out);
            }
            Operator::ReturnCallIndirect { type_index, table_index } => {
                let type_index = self.slide_count_under(type_index)?;
                Instruction::ReturnCallIndirect { type_index, table_index }.encode(self.out);
            }
            _ => return Err(malformed("not a call")),
        }
        Ok(())
    }

    /// Puts the count, the last argument, under the callee's place in the table; gives the passing type.
    fn slide_count_under(&mut self, type_index: u32) -> Result<u32, Rejection> {
        let scratch = self.locals.integer();
        Instruction::LocalSet(scratch).encode(self.out);
        self.push_count();
        Instruction::LocalGet(scratch).encode(self.out);
        self.layout.passing_type(type_index)
    }

    fn memory_grow(&mut self, memory: u32, constant: bool) -> Result<(), Rejection> {
        if !constant {
            self.check();
        }
        let scratch = self.locals.integer();
        emit::memory_grow(self.out, &self.layout.meter, memory, scratch);
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
        emit::charge_dynamic(self.out, self.locals.counter(), scratch, factor);
        self.check();
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
