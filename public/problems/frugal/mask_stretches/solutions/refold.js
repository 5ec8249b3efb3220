function mask_stretches(masks) {
  let total = 0;
  for (let first = 0; first < masks.length; first++) {
    for (let last = first; last < masks.length; last++) {
      let fold = 0;
      for (let position = first; position <= last; position++) fold ^= masks[position];
      total += fold;
    }
  }
  return total;
}
