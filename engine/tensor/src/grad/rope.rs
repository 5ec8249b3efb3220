//! Turned back, in place.

use super::{At, Reverse};
use crate::{Op, Train};

pub(super) fn rule(reverse: &mut Reverse, at: &At<'_>) {
    let Op::Rope { x, positions, table, head_dim, layout } = *at.op else { return };
    let x = reverse.gradient(at, x);
    let (positions, table) = (reverse.plan.tensor(at.get(positions)), reverse.plan.tensor(at.get(table)));
    reverse.plan.push(Train::RopeGrad { x, positions, table, head_dim, layout });
}
