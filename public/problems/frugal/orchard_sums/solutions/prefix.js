function orchard_sums(yields, stretches) {
  const before = [0];
  for (const kilograms of yields) before.push(before[before.length - 1] + kilograms);
  return stretches.map(([first, last]) => before[last] - before[first]);
}
