function harbour_peak(stays) {
  const changes = new Array(4 * stays.length + 1).fill(0);
  for (const [arrival, departure] of stays) {
    changes[arrival]++;
    changes[departure]--;
  }
  let peak = 0;
  let ships = 0;
  for (const change of changes) {
    ships += change;
    peak = Math.max(peak, ships);
  }
  return peak;
}
