function stall_season(takings) {
  let best = 0;
  for (let first = 0; first < takings.length; first++) {
    for (let last = first; last < takings.length; last++) {
      let total = 0;
      let worst = 0;
      for (let day = first; day <= last; day++) {
        total += takings[day];
        worst = Math.min(worst, takings[day]);
      }
      best = Math.max(best, total - worst);
    }
  }
  return best;
}
