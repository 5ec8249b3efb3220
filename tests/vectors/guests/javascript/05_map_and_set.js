// entry: solve
// arguments: [2000]
const solve = (n) => {
  const map = new Map();
  const seen = new Set();
  for (let i = 0; i < n; i++) {
    map.set(i % 31, (map.get(i % 31) ?? 0) + i);
    seen.add(i * i % 101);
  }
  return [map.size, map.get(7), seen, new Map([["a", 1]])];
};
