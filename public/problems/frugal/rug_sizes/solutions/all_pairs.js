function rug_sizes(wool) {
  let rugs = 0;
  for (let length = 1; length <= wool; length++) {
    for (let width = 1; width <= wool; width++) {
      if (length * width <= wool) rugs++;
    }
  }
  return rugs;
}
