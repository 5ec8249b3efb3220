// Queries, keys and values of whole sequences, side by side in rows of `projected`.
const TILE: u32 = 64u;
@group(0) @binding(2) var<storage, read> projected: array<f32>;      // [rows, (heads + 2 * kv_heads) * head_dim]

fn query_column(h: u32) -> u32 { return h * p.head_dim; }

fn key_column(kv: u32) -> u32 { return (p.heads + kv) * p.head_dim; }

fn value_column(kv: u32) -> u32 { return (p.heads + p.kv_heads + kv) * p.head_dim; }

fn query(row: u32, h: u32) -> u32 { return element(p.projected, row, query_column(h)); }

fn key(row: u32, kv: u32) -> u32 { return element(p.projected, row, key_column(kv)); }

fn value(row: u32, kv: u32) -> u32 { return element(p.projected, row, value_column(kv)); }

// First position that position `t` sees; a window of 0 stands for none.
fn first_seen(t: u32) -> u32 { return select(0u, t + 1u - min(p.window, t + 1u), p.window > 0u); }

fn score(query: u32, key: u32) -> f32 {
    var sum = 0.0;
    for (var c = 0u; c < p.head_dim; c++) { sum += projected[query + c] * projected[key + c]; }
    return sum * p.scale;
}
