function granary_ledger(granaries, ledger) {
  const stock = new Array(granaries).fill(0);
  return ledger.map(([granary, sacks, first, last]) => {
    stock[granary] += sacks;
    let total = 0;
    for (let place = first; place < last; place++) total += stock[place];
    return total;
  });
}
