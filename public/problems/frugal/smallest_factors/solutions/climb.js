function smallest_factors(limit) {
  let total = 0;
  for (let number = 2; number <= limit; number++) {
    let factor = 2;
    while (number % factor !== 0) factor++;
    total += factor;
  }
  return total;
}
