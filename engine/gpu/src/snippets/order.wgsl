// A number that orders finite f32 as they are ordered, above 0; 0 for infinities and NaNs. Both zeros are one.
fn order(bits: u32) -> u32 {
    if ((bits & 0x7f800000u) == 0x7f800000u) { return 0u; }
    if ((bits & 0x7fffffffu) == 0u) { return 0x80000000u; }
    return select(bits | 0x80000000u, ~bits, (bits & 0x80000000u) != 0u);
}
