// entry: solve
// arguments: [900]
class Refused extends Error {}

function check(i) {
  if (i % 3 === 0) throw new Refused(String(i));
  if (i % 5 === 0) null.x;
  return i;
}

function solve(n) {
  let refused = 0;
  let other = 0;
  let total = 0;
  for (let i = 0; i < n; i++) {
    try {
      total += check(i);
    } catch (error) {
      if (error instanceof Refused) refused++;
      else if (error instanceof TypeError) other++;
    } finally {
      total++;
    }
  }
  return [total, refused, other];
}
