// What a row is moved and divided by, by a workgroup of 64 together: mean, 1 / sqrt(variance + eps).
var<private> scale: f32;
var<private> mean: f32;
var<workgroup> shares: array<f32, 64>;

fn begin_row(row: u32, local: u32) {
    var sums = vec4<f32>();
    for (var quad = local; 4u * quad < p.cols; quad += 64u) { sums += x_quad(row, 0u, quad, p.cols); }
    mean = sum_of_shares(local, dot(sums, vec4<f32>(1.0))) / f32(p.cols);
    var squares = vec4<f32>();
    for (var quad = local; 4u * quad < p.cols; quad += 64u) {
        let four = x_quad(row, 0u, quad, p.cols) - mean;
        squares += four * four;
    }
    scale = inverseSqrt(sum_of_shares(local, dot(squares, vec4<f32>(1.0))) / f32(p.cols) + p.eps);
}

fn sum_of_shares(local: u32, share: f32) -> f32 {
    workgroupBarrier();
    shares[local] = share;
    for (var half = 32u; half > 0u; half /= 2u) {
        workgroupBarrier();
        if (local < half) { shares[local] += shares[local + half]; }
    }
    workgroupBarrier();
    return shares[0];
}

fn unit_quad(row: u32, quad: u32) -> vec4<f32> { return (x_quad(row, 0u, quad, p.cols) - mean) * scale; }
