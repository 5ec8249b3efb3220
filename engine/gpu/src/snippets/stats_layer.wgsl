// What a row is moved and divided by, by each invocation for itself: mean, 1 / sqrt(variance + eps).
var<private> scale: f32;
var<private> mean: f32;

fn begin_row(row: u32, local: u32) {
    var sums = vec4<f32>();
    for (var quad = 0u; 4u * quad < p.cols; quad++) { sums += x_quad(row, 0u, quad, p.cols); }
    mean = dot(sums, vec4<f32>(1.0)) / f32(p.cols);
    var squares = vec4<f32>();
    for (var quad = 0u; 4u * quad < p.cols; quad++) {
        let four = x_quad(row, 0u, quad, p.cols) - mean;
        squares += four * four;
    }
    scale = inverseSqrt(dot(squares, vec4<f32>(1.0)) / f32(p.cols) + p.eps);
}

fn unit_quad(row: u32, quad: u32) -> vec4<f32> { return (x_quad(row, 0u, quad, p.cols) - mean) * scale; }
