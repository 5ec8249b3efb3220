function rug_sizes(wool) {
  let rugs = 0;
  for (let length = 1; length <= wool; length++) rugs += Math.floor(wool / length);
  return rugs;
}
