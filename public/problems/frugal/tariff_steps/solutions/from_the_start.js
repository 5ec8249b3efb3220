function tariff_steps(limits, weights) {
  let total = 0;
  for (const weight of weights) {
    let step = 0;
    while (limits[step] < weight) step++;
    total += step;
  }
  return total;
}
