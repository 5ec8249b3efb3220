function spark_ring(lamps, ticks) {
  let ring = [...lamps].map(Number);
  for (let tick = 0; tick < ticks; tick++) {
    const size = ring.length;
    ring = ring.map((_, place) => ring[(place + size - 1) % size] ^ ring[(place + 1) % size]);
  }
  return ring.join("");
}
