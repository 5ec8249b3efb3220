function square_corners(longest) {
  let triangles = 0;
  for (let middle = 1; middle <= longest; middle++) {
    for (let short = 1; short < middle; short++) {
      const square = short * short + middle * middle;
      if (square > longest * longest) break;
      let low = middle;
      let high = longest;
      while (low < high) {
        const long = (low + high) >> 1;
        if (long * long < square) low = long + 1;
        else high = long;
      }
      if (low * low === square) triangles++;
    }
  }
  return triangles;
}
