use frugal_tensor::{Attention, Op, Plan, RopeLayout, Tensor, TensorId};

use super::{KeyValueCache, Rows, Scratch};
use crate::Linear;

/// Multi-head, grouped-query and multi-query attention: `kv_heads` is `heads`, a divisor of it, or 1.
///
/// `o_h = softmax(q_h · K_g(h)ᵀ / √head_dim) · V_g(h)`, `g(h) = floor(h · kv_heads / heads)`, causal.
/// The cache takes `2 · kv_heads · head_dim` elements per token.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Grouped {
    /// Query heads.
    pub heads: usize,
    /// Heads of keys and values.
    pub kv_heads: usize,
    /// Elements per head.
    pub head_dim: usize,
    /// `[(heads + 2 · kv_heads) · head_dim, width]`: rows of queries, keys, values.
    pub query_key_value: Linear,
    /// `[width, heads · head_dim]`.
    pub output: Linear,
    /// Rotary table and layout, if positions are rotary.
    pub rope: Option<(Tensor, RopeLayout)>,
    /// When set, a row sees at most so many positions.
    pub window: Option<u32>,
}

impl Grouped {
    /// Columns of queries, keys and values together.
    pub fn projected_cols(&self) -> usize {
        (self.heads + 2 * self.kv_heads) * self.head_dim
    }

    /// Columns of the heads' outputs.
    pub fn mixed_cols(&self) -> usize {
        self.heads * self.head_dim
    }

    /// Elements that one token takes in the cache of this layer.
    pub fn cache_elements_per_token(&self) -> usize {
        2 * self.kv_heads * self.head_dim
    }

    /// Records `residual += attention(x)`. The scratch has [`projected_cols`](Self::projected_cols) and
    /// [`mixed_cols`](Self::mixed_cols) columns.
    pub fn record(
        &self,
        plan: &mut Plan,
        x: TensorId,
        rows: Rows,
        cache: &KeyValueCache,
        scratch: Scratch,
        residual: TensorId,
    ) {
        let Scratch { projected, mixed } = scratch;
        let (wide, narrow) = (self.mixed_cols(), self.kv_heads * self.head_dim);
        let whole = plan.tensor(projected);
        self.query_key_value.record(plan, x, whole, false);
        if let Some((table, layout)) = self.rope {
            // Queries and keys stand side by side: one operator turns the heads of both.
            let turned = plan.tensor(projected.columns(0, wide + narrow));
            let table = plan.tensor(table);
            plan.push(Op::Rope { x: turned, positions: rows.positions, table, head_dim: self.head_dim, layout });
        }
        let Rows { positions, slots } = rows;
        let context = cache.context;
        let keys = plan.tensor(cache.keys);
        let values = plan.tensor(cache.values);
        for (from, target) in [(wide, keys), (wide + narrow, values)] {
            let x = plan.tensor(projected.columns(from, narrow));
            plan.push(Op::CacheWrite { x, positions, slots, cache: target, context });
        }
        let q = plan.tensor(projected.columns(0, wide));
        // A head has far fewer than 2^24 elements.
        let scale = (self.head_dim as f32).sqrt().recip();
        plan.push(Op::Attention(Attention {
            q,
            keys,
            values,
            positions,
            slots,
            out: mixed,
            heads: self.heads,
            kv_heads: self.kv_heads,
            context,
            scale,
            window: self.window,
        }));
        self.output.record(plan, mixed, residual, true);
    }
}
