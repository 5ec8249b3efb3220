function square_corners(longest) {
  let triangles = 0;
  for (let middle = 1; middle <= longest; middle++) {
    for (let short = 1; short < middle; short++) {
      const square = short * short + middle * middle;
      if (square > longest * longest) break;
      const long = Math.round(Math.sqrt(square));
      if (long * long === square) triangles++;
    }
  }
  return triangles;
}
