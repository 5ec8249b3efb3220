// entry: solve
// arguments: [400]
function solve(n) {
  for (let i = 0; i < n; i++) console.log(i, i * i, "é");
  console.error([1, null, undefined], { a: 1 });
  return new Date().toISOString() + typeof Math.random();
}
