function rug_sizes(wool) {
  const root = Math.floor(Math.sqrt(wool));
  let half = 0;
  for (let length = 1; length <= root; length++) half += Math.floor(wool / length);
  return 2 * half - root * root;
}
