function tariff_steps(limits, weights) {
  let total = 0;
  for (const weight of weights) {
    let first = 0;
    let last = limits.length;
    while (first < last) {
      const middle = (first + last) >> 1;
      if (limits[middle] < weight) first = middle + 1;
      else last = middle;
    }
    total += first;
  }
  return total;
}
