//! Short sequences of instructions that the pass weaves in.

use wasm_encoder::{BlockType, Encode, Instruction, ValType};

use super::layout::Meter;
use super::{FLAG_MEMORY_DENIED, FLAG_OUT_OF_DEPTH};
use crate::operators::FloatShape;

/// Bits of the canonical NaN, as in cranelift-codegen `ir/immediates.rs`.
const NAN_F32: u32 = 0x7fc0_0000;
const NAN_F64: u64 = 0x7ff8_0000_0000_0000;

/// Appends `instructions` to `out`.
fn push(out: &mut Vec<u8>, instructions: &[Instruction<'_>]) {
    for instruction in instructions {
        instruction.encode(out);
    }
}

/// Pushes the counter plus `units`.
pub(super) fn sum(out: &mut Vec<u8>, counter: u32, units: i64) {
    push(out, &[Instruction::LocalGet(counter)]);
    if units != 0 {
        push(out, &[Instruction::I64Const(units), Instruction::I64Add]);
    }
}

/// Adds `units`, which may be negative, to the counter.
pub(super) fn charge(out: &mut Vec<u8>, counter: u32, units: i64) {
    sum(out, counter, units);
    push(out, &[Instruction::LocalSet(counter)]);
}

/// Adds `units` to the counter and branches to `depth`, counted from inside the `if`, where the top of the
/// stack says so.
pub(super) fn charge_and_branch_if(out: &mut Vec<u8>, counter: u32, units: i64, depth: u32) {
    push(out, &[Instruction::If(BlockType::Empty)]);
    charge(out, counter, units);
    push(out, &[Instruction::Br(depth), Instruction::End]);
}

/// Adds the 32-bit number on top of the stack times `factor` to the counter; leaves it there.
pub(super) fn charge_dynamic(out: &mut Vec<u8>, counter: u32, scratch: u32, factor: i64) {
    push(
        out,
        &[
            Instruction::LocalTee(scratch),
            Instruction::LocalGet(counter),
            Instruction::LocalGet(scratch),
            Instruction::I64ExtendI32U,
        ],
    );
    if factor != 1 {
        push(out, &[Instruction::I64Const(factor), Instruction::I64Mul]);
    }
    push(out, &[Instruction::I64Add, Instruction::LocalSet(counter)]);
}

/// Adds `units` and the counter, where there is one, to the cell.
pub(super) fn add_to_cell(out: &mut Vec<u8>, meter: &Meter, counter: Option<u32>, units: i64) {
    push(out, &[Instruction::GlobalGet(meter.fuel), Instruction::I64Const(units), Instruction::I64Add]);
    if let Some(counter) = counter {
        push(out, &[Instruction::LocalGet(counter), Instruction::I64Add]);
    }
    push(out, &[Instruction::GlobalSet(meter.fuel)]);
}

/// Branches to `depth` where the counter and the `pending` units together are no longer negative.
pub(super) fn check(out: &mut Vec<u8>, counter: u32, pending: i64, depth: u32) {
    push(
        out,
        &[
            Instruction::LocalGet(counter),
            Instruction::I64Const(-pending),
            Instruction::I64GeS,
            Instruction::BrIf(depth),
        ],
    );
}

/// Takes the count from the cell.
pub(super) fn load(out: &mut Vec<u8>, meter: &Meter, counter: u32) {
    push(out, &[Instruction::GlobalGet(meter.fuel), Instruction::LocalSet(counter)]);
}

/// A counted function's entry: take one level from what may still be nested, or branch to the second
/// block around.
pub(super) fn enter_depth(out: &mut Vec<u8>, depth: u32, level: u32) {
    push(
        out,
        &[
            Instruction::GlobalGet(depth),
            Instruction::I32Const(1),
            Instruction::I32Sub,
            Instruction::LocalTee(level),
            Instruction::I32Const(0),
            Instruction::I32LtS,
            Instruction::BrIf(1),
        ],
    );
}

/// The way out of a run without fuel. The cell says that there is none; how far past the limit a run
/// was found differs between engines.
pub(super) fn out_of_fuel(out: &mut Vec<u8>, meter: &Meter) {
    push(out, &[Instruction::I64Const(0), Instruction::GlobalSet(meter.fuel), Instruction::Unreachable]);
}

/// The way out of a run that nests too deeply.
pub(super) fn out_of_depth(out: &mut Vec<u8>, meter: &Meter) {
    raise(out, meter, FLAG_OUT_OF_DEPTH);
    push(out, &[Instruction::Unreachable]);
}

/// Sets `flag` in the flags.
fn raise(out: &mut Vec<u8>, meter: &Meter, flag: i32) {
    push(
        out,
        &[
            Instruction::GlobalGet(meter.flags),
            Instruction::I32Const(flag),
            Instruction::I32Or,
            Instruction::GlobalSet(meter.flags),
        ],
    );
}

/// `memory.grow`, with the limit applied where the meter carries one, and refusal noted.
pub(super) fn memory_grow(out: &mut Vec<u8>, meter: &Meter, memory: u32, scratch: u32) {
    match meter.pages {
        None => push(out, &[Instruction::MemoryGrow(memory)]),
        Some(pages) => push(
            out,
            &[
                // size + delta > limit, in 64 bits so that it cannot wrap.
                Instruction::LocalTee(scratch),
                Instruction::I64ExtendI32U,
                Instruction::MemorySize(memory),
                Instruction::I64ExtendI32U,
                Instruction::I64Add,
                Instruction::GlobalGet(pages),
                Instruction::I64ExtendI32U,
                Instruction::I64GtU,
                Instruction::If(BlockType::Result(ValType::I32)),
                Instruction::I32Const(-1),
                Instruction::Else,
                Instruction::LocalGet(scratch),
                Instruction::MemoryGrow(memory),
                Instruction::End,
            ],
        ),
    }
    push(
        out,
        &[
            Instruction::LocalTee(scratch),
            Instruction::I32Const(-1),
            Instruction::I32Eq,
            Instruction::If(BlockType::Empty),
        ],
    );
    raise(out, meter, FLAG_MEMORY_DENIED);
    push(out, &[Instruction::End, Instruction::LocalGet(scratch)]);
}

/// Replaces a NaN on top of the stack (in any lane) by the canonical one.
pub(super) fn canonicalise(out: &mut Vec<u8>, shape: FloatShape, scratch: u32) {
    let vector =
        |lane: [u8; 8]| u128::from_le_bytes([lane, lane].concat().try_into().unwrap_or_default()).cast_signed();
    let (nan, equal, choose) = match shape {
        FloatShape::F32 => {
            (Instruction::F32Const(f32::from_bits(NAN_F32).into()), Instruction::F32Eq, Instruction::Select)
        }
        FloatShape::F64 => {
            (Instruction::F64Const(f64::from_bits(NAN_F64).into()), Instruction::F64Eq, Instruction::Select)
        }
        FloatShape::F32x4 => {
            let lane = (u64::from(NAN_F32) << 32 | u64::from(NAN_F32)).to_le_bytes();
            (Instruction::V128Const(vector(lane)), Instruction::F32x4Eq, Instruction::V128Bitselect)
        }
        FloatShape::F64x2 => {
            (Instruction::V128Const(vector(NAN_F64.to_le_bytes())), Instruction::F64x2Eq, Instruction::V128Bitselect)
        }
    };
    // A number equals itself and is kept; a NaN does not.
    push(
        out,
        &[
            Instruction::LocalTee(scratch),
            nan,
            Instruction::LocalGet(scratch),
            Instruction::LocalGet(scratch),
            equal,
            choose,
        ],
    );
}
