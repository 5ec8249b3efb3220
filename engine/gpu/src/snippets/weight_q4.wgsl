// Four-bit codes: within a group of `n`, byte `i` holds code `i` low and code `i + n/2` high.
@group(0) @binding(2) var<storage, read> codes: array<u32>;

fn weight_quad(row: u32, quad: u32) -> vec4<f32> {
    let group = row * (p.cols / GROUP) + 4u * quad / GROUP;
    let within = 4u * quad % GROUP;
    let shift = select(0u, 4u, within >= GROUP / 2u);
    let word = codes[p.weight.at + (group * (GROUP / 2u) + within % (GROUP / 2u)) / 4u] >> shift;
    let four = vec4<u32>(word, word >> 8u, word >> 16u, word >> 24u) & vec4<u32>(15u);
    let at = p.weight.rows + group;
    return scale_at(at) * (vec4<f32>(four) - zero_at(p.weight.live + group));
}
