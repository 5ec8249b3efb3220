// A thing is a workgroup's: 64 invocations share it, and add up by halves in one order.
const WG: u32 = 64u;
const LANES: u32 = 64u;
var<workgroup> tile: array<vec2<f32>, 64>;
var<workgroup> sums: array<vec4<f32>, 64>;

fn sync() { workgroupBarrier(); }

fn total(lane: u32, value: vec4<f32>) -> vec4<f32> {
    sums[lane] = value;
    for (var half = 32u; half > 0u; half /= 2u) {
        workgroupBarrier();
        if (lane < half) { sums[lane] += sums[lane + half]; }
    }
    workgroupBarrier();
    let result = sums[0];
    workgroupBarrier();
    return result;
}

fn most(lane: u32, value: vec2<f32>) -> vec2<f32> {
    sums[lane] = vec4<f32>(value, 0.0, 0.0);
    for (var half = 32u; half > 0u; half /= 2u) {
        workgroupBarrier();
        if (lane < half) { sums[lane] = max(sums[lane], sums[lane + half]); }
    }
    workgroupBarrier();
    let result = sums[0].xy;
    workgroupBarrier();
    return result;
}
