function hive_orders(leaders) {
  const heeded = new Array(leaders.length).fill(0);
  for (let bee = leaders.length - 1; bee > 0; bee--) heeded[leaders[bee]] += heeded[bee] + 1;
  return heeded;
}
