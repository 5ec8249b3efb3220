// entry: solve
// arguments: [1500]
function* numbers(n) {
  for (let i = 0; i < n; i++) yield i;
}

function solve(n) {
  let total = 0;
  for (const x of numbers(n)) total += x * x;
  const [a, b, ...rest] = numbers(6);
  return { total, a, b, rest };
}
