function mast_shadow(heights) {
  let total = 0;
  for (let mast = 0; mast < heights.length; mast++) {
    for (let other = mast - 1; other >= 0; other--) {
      if (heights[other] > heights[mast]) {
        total += mast - other;
        break;
      }
    }
  }
  return total;
}
