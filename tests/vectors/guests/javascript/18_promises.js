// entry: solve
// arguments: [200]
const later = (value) => new Promise((resolve) => resolve(value));

async function solve(n) {
  let total = 0;
  for (let i = 0; i < n; i++) total += await later(i);
  const all = await Promise.all([later("a"), later("b"), 3]);
  return [total, all];
}
