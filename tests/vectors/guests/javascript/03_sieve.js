// entry: solve
// arguments: [6000]
function solve(n) {
  const flags = new Uint8Array(n + 1).fill(1);
  let count = 0;
  for (let i = 2; i <= n; i++) {
    if (!flags[i]) continue;
    count++;
    for (let j = i * i; j <= n; j += i) flags[j] = 0;
  }
  return count;
}
