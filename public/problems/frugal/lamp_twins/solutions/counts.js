function lamp_twins(periods) {
  const counts = new Map();
  let twins = 0;
  for (const period of periods) {
    const seen = counts.get(period) || 0;
    twins += seen;
    counts.set(period, seen + 1);
  }
  return twins;
}
