function granary_ledger(granaries, ledger) {
  const totals = new Array(granaries + 1).fill(0);
  return ledger.map(([granary, sacks, first, last]) => {
    for (let place = granary + 1; place <= granaries; place += place & -place) totals[place] += sacks;
    let count = 0;
    for (let place = last; place > 0; place &= place - 1) count += totals[place];
    for (let place = first; place > 0; place &= place - 1) count -= totals[place];
    return count;
  });
}
