function crossed_cables(landings) {
  let crossings = 0;
  for (let later = 0; later < landings.length; later++) {
    for (let earlier = 0; earlier < later; earlier++) {
      if (landings[earlier] > landings[later]) crossings++;
    }
  }
  return crossings;
}
