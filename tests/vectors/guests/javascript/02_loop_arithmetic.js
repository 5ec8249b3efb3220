// entry: solve
// arguments: [12000]
function solve(n) {
  let total = 0;
  for (let i = 0; i < n; i++) total += ((i * i) % 7) - (i >> 3);
  return total;
}
