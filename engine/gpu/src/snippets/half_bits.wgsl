// f16 bits of f32 bits: nearest, ties to even. By hand, since a built-in may round either way.
fn half_bits(bits: u32) -> u32 {
    let sign = (bits >> 16u) & 0x8000u;
    let size = bits & 0x7fffffffu;
    if (size > 0x7f800000u) { return sign | 0x7e00u | ((size >> 13u) & 0x3ffu); }
    // 65520 and more, which would round to 65536.
    if (size >= 0x477ff000u) { return sign | 0x7c00u; }
    // Below 2^-25, or equal to it, which ties to zero.
    if (size <= 0x33000000u) { return sign; }
    var mantissa = size & 0x7fffffu;
    var shift = 13u;
    var base = 0u;
    let exponent = size >> 23u;
    if (exponent < 113u) {
        mantissa |= 0x800000u;
        shift = 126u - exponent;
    } else {
        base = (exponent - 112u) << 10u;
    }
    let kept = mantissa >> shift;
    let rest = mantissa & ((1u << shift) - 1u);
    let tie = 1u << (shift - 1u);
    let up = select(0u, 1u, rest > tie || (rest == tie && (kept & 1u) == 1u));
    // A carry runs into the exponent, as it should.
    return sign | (base + kept + up);
}
