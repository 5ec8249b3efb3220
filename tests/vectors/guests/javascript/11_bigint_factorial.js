// entry: solve
// arguments: [300]
function solve(n) {
  let product = 1n;
  for (let i = 2n; i <= BigInt(n); i++) product *= i;
  return [product % 1000003n, product.toString().length, 2n ** 100n];
}
