// entry: solve
// arguments: [700]
function solve(n) {
  const items = Array.from({ length: n }, (_, i) => (i * 7919) % 10007);
  items.sort((a, b) => a - b);
  return [items[0], items[n >> 1], items.at(-1), ["b", "a", "ä"].sort()];
}
