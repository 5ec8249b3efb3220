// Measures variants of one program against the first of them, in whatever V8 runs this. A variant is a
// function that does the work once and gives a value, which must not differ between variants.

/** Best time of each variant by `clock`, interleaved, so that a slow moment does not fall on one alone. */
export async function measure(variants, { rounds, warmUp, clock }) {
  const best = variants.map(() => Infinity);
  for (let round = -warmUp; round < rounds; round += 1) {
    const values = variants.map((work, at) => {
      const before = clock();
      const value = work();
      if (round >= 0) best[at] = Math.min(best[at], clock() - before);
      return String(value);
    });
    if (new Set(values).size !== 1) throw new Error(`results differ: ${values}`);
    // Compilers in the background get their turn.
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  return best;
}

/** One line: the first time, and the others over it. */
export function line(label, names, best) {
  const ratios = names.slice(1).map((name, at) => `${name} x${(best[at + 1] / best[0]).toFixed(3)}`);
  return `${label}: ${names[0]} ${best[0].toFixed(1)} ms; ${ratios.join(', ')}`;
}

/** Arms the meter of an instance that owns its globals; an unmetered one has none. */
export function arm(exports) {
  if (exports['frugal:fuel']) exports['frugal:fuel'].value = -(1n << 60n);
  if (exports['frugal:depth']) exports['frugal:depth'].value = 10_000;
}
