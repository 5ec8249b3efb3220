// entry: solve
// arguments: [24, 20]
const memo = (f, cache = new Map()) => (key) => {
  if (!cache.has(key)) cache.set(key, f(key));
  return cache.get(key);
};

function solve(rows, columns) {
  const paths = memo((key) => {
    const [i, j] = key.split(",").map(Number);
    return i === 0 || j === 0 ? 1 : paths(`${i - 1},${j}`) + paths(`${i},${j - 1}`);
  });
  return paths(`${rows},${columns}`);
}
