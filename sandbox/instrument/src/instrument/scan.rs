//! What a body holds, learned before it is rewritten.

use frugal_fuel::Rejection;
use wasmparser::{FunctionBody, Operator};

use crate::sections::{invalid, malformed};

/// Facts about one block, loop, `if` or function body.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct BlockFacts {
    /// A `br_table` names its label.
    pub(super) in_table: bool,
    /// It is an `if` with an `else`.
    pub(super) has_else: bool,
}

/// Facts about one body.
#[derive(Debug, Default)]
pub(super) struct Scan {
    /// Every run of the body ends after at most as many operators as it has: no loop, no call, and no
    /// operation whose size is known only when it runs.
    pub(super) bounded: bool,
    /// The body itself, then its blocks in the order in which they open.
    pub(super) blocks: Vec<BlockFacts>,
    open: Vec<usize>,
}

impl Scan {
    /// Reads `body`; what was known of another one is forgotten.
    ///
    /// # Errors
    /// [`Rejection::Invalid`] where the body is malformed.
    pub(super) fn read(&mut self, body: &FunctionBody<'_>) -> Result<(), Rejection> {
        self.bounded = true;
        self.blocks.clear();
        self.open.clear();
        self.enter();
        let mut operators = body.get_operators_reader().map_err(|error| invalid(&error))?;
        while !operators.eof() {
            self.see(&operators.read().map_err(|error| invalid(&error))?)?;
        }
        Ok(())
    }

    fn see(&mut self, operator: &Operator<'_>) -> Result<(), Rejection> {
        match operator {
            Operator::Block { .. } | Operator::If { .. } => self.enter(),
            Operator::Loop { .. } => {
                self.bounded = false;
                self.enter();
            }
            Operator::Else => self.label(0)?.has_else = true,
            Operator::End => {
                self.open.pop();
            }
            Operator::BrTable { targets } => {
                self.label(targets.default())?.in_table = true;
                for depth in targets.targets() {
                    self.label(depth.map_err(|error| invalid(&error))?)?.in_table = true;
                }
            }
            Operator::Call { .. }
            | Operator::CallIndirect { .. }
            | Operator::ReturnCall { .. }
            | Operator::ReturnCallIndirect { .. }
            | Operator::MemoryGrow { .. }
            | Operator::MemoryCopy { .. }
            | Operator::MemoryFill { .. }
            | Operator::MemoryInit { .. }
            | Operator::TableGrow { .. }
            | Operator::TableCopy { .. }
            | Operator::TableFill { .. }
            | Operator::TableInit { .. } => self.bounded = false,
            _ => {}
        }
        Ok(())
    }

    fn enter(&mut self) {
        self.open.push(self.blocks.len());
        self.blocks.push(BlockFacts::default());
    }

    /// The block that `depth` names here.
    fn label(&mut self, depth: u32) -> Result<&mut BlockFacts, Rejection> {
        let at = self.open.len().checked_sub(depth as usize + 1).and_then(|at| self.open.get(at));
        at.and_then(|at| self.blocks.get_mut(*at)).ok_or_else(|| malformed("a label does not exist"))
    }
}
