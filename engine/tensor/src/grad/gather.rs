//! A row that was read receives what its readers received.

use super::{Allocate, At, GradError, Reverse};
use crate::{Op, Train};

pub(super) fn rule(reverse: &mut Reverse, at: &At<'_>, allocate: &mut Allocate<'_>) -> Result<(), GradError> {
    let Op::Gather { table, rows, out, .. } = *at.op else { return Ok(()) };
    let Some((target, before)) = reverse.contribute(at, table, allocate)? else { return Ok(()) };
    let (x, rows) = (reverse.gradient(at, out), reverse.value(at, rows)?);
    if !before {
        reverse.plan.push(Train::Fill { out: target, value: 0.0 });
    }
    reverse.plan.push(Train::ScatterAdd { x, rows, out: target });
    Ok(())
}
