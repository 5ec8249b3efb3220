function moss_days(days) {
  let total = 0;
  let young = 1;
  let old = 0;
  for (let day = 1; day <= days; day++) {
    total += young + old;
    [young, old] = [old, (old + young) % 1000007];
  }
  return total % 1000007;
}
