function orchard_sums(yields, stretches) {
  return stretches.map(([first, last]) => {
    let total = 0;
    for (let tree = first; tree < last; tree++) total += yields[tree];
    return total;
  });
}
