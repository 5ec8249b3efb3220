function moss_days(days) {
  let total = 0;
  for (let day = 1; day <= days; day++) {
    let young = 1;
    let old = 0;
    for (let night = 1; night < day; night++) [young, old] = [old, (old + young) % 1000007];
    total += young + old;
  }
  return total % 1000007;
}
