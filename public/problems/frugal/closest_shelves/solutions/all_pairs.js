function closest_shelves(left, right) {
  let best = Math.abs(left[0] - right[0]);
  for (const low of left) {
    for (const high of right) best = Math.min(best, Math.abs(low - high));
  }
  return best;
}
