function mask_stretches(masks) {
  let total = 0;
  for (let bit = 0; bit < 8; bit++) {
    let fold = 0;
    let ones = 0;
    for (const mask of masks) {
      fold ^= (mask >> bit) & 1;
      ones += fold;
    }
    total += ones * (masks.length + 1 - ones) * 2 ** bit;
  }
  return total;
}
