function stall_season(takings) {
  let best = 0;
  let working = 0;
  let rested = 0;
  for (const taking of takings) {
    rested = Math.max(rested + taking, working);
    working = Math.max(working + taking, 0);
    rested = Math.max(rested, working);
    best = Math.max(best, rested);
  }
  return best;
}
