// entry: solve
// arguments: [2500]
function solve(n) {
  let total = 0;
  const step = Math.PI / n;
  for (let i = 0; i < n; i++) total += Math.sin((i + 0.5) * step) * step + Math.sqrt(i) * 1e-9;
  return [total, 0.1 + 0.2, -0, 1 / 0, Number("x"), 1e21];
}
