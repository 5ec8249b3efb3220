// entry: solve
// arguments: [1500]
function solve(n) {
  const items = Array.from({ length: n }, (_, i) => (i * 7919) % 1009);
  const evens = items.filter((x) => x % 2 === 0).map((x) => x / 2);
  return [evens.length, evens.reduce((a, b) => a + b, 0), items.slice(3, 6), items.indexOf(500), items.some((x) => x > 1008)];
}
