// entry: solve
// arguments: [15]
function solve(n) {
  return n < 2 ? n : solve(n - 1) + solve(n - 2);
}
