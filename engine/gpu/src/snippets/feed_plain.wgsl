// Rows as they are.
fn begin_row(row: u32, local: u32) {}

fn fed_quad(row: u32, quad: u32) -> vec4<f32> { return x_quad(row, 0u, quad, p.cols); }

fn keep_row(row: u32, first: u32, step: u32) {}
