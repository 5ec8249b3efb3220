// entry: solve
// arguments: [3000]
function solve(n) {
  const counts = {};
  let value = 1;
  for (let i = 0; i < n; i++) {
    value = (value * 1103515245 + 12345) % 2147483648;
    const key = "k" + (value % 97);
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return [Object.keys(counts).length, Math.max(...Object.values(counts))];
}
