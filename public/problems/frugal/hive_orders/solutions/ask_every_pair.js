function hive_orders(leaders) {
  return leaders.map((_, leader) => {
    let count = 0;
    for (let bee = 0; bee < leaders.length; bee++) {
      let above = leaders[bee];
      while (above >= 0 && above !== leader) above = leaders[above];
      if (above === leader) count++;
    }
    return count;
  });
}
