// Whether a number is one: as bits, since a compiler may take infinities and NaNs for impossible.
fn finite(bits: u32) -> bool { return (bits & 0x7f800000u) != 0x7f800000u; }
