function spark_ring(lamps, ticks) {
  let ring = [...lamps].map(Number);
  const size = ring.length;
  for (let power = 1; power <= ticks; power *= 2) {
    if (Math.floor(ticks / power) % 2 === 0) continue;
    const turn = power % size;
    ring = ring.map((_, place) => ring[(place + size - turn) % size] ^ ring[(place + turn) % size]);
  }
  return ring.join("");
}
