// Eight-bit codes, -128..=127, one a byte.
@group(0) @binding(2) var<storage, read> codes: array<u32>;

fn weight_quad(row: u32, quad: u32) -> vec4<f32> {
    let word = bitcast<i32>(codes[p.weight.at + row * (p.cols / 4u) + quad]);
    let four = vec4<i32>(word << 24u, word << 16u, word << 8u, word) >> vec4<u32>(24u);
    let group = row * (p.cols / GROUP) + 4u * quad / GROUP;
    return scale_at(p.weight.rows + group) * (vec4<f32>(four) - zero_at(p.weight.live + group));
}
