function closest_shelves(left, right) {
  let best = Math.abs(left[0] - right[0]);
  let low = 0;
  let high = 0;
  while (low < left.length && high < right.length) {
    const difference = left[low] - right[high];
    if (difference < 0) low++;
    else high++;
    best = Math.min(best, Math.abs(difference));
  }
  return best;
}
