function harbour_peak(stays) {
  let peak = 0;
  for (let ship = 0; ship < stays.length; ship++) {
    const moment = stays[ship][0];
    let ships = 0;
    for (let other = 0; other < stays.length; other++) {
      if (stays[other][0] <= moment && moment < stays[other][1]) ships++;
    }
    peak = Math.max(peak, ships);
  }
  return peak;
}
