// What metering costs in V8: processor time of each program metered over plain, best of several.
// Usage: node metering.mjs PLAIN.wasm METERED.wasm...   (files made by `cargo run -p frugal-instrument --example weave`)
import { readFile } from "node:fs/promises";

const programs = { sort: 300_000, hash: 2_000_000, format: 150_000, floats: 3_000_000, fib: 32 };
const rounds = Number(process.env.ROUNDS ?? 7);
const files = process.argv.slice(2);
const instances = [];
for (const file of files) {
  const { instance } = await WebAssembly.instantiate(await readFile(file));
  instances.push(instance.exports);
}

const start = (exports, budget) => {
  if (exports["frugal:fuel"]) exports["frugal:fuel"].value = -(budget + 1n);
  if (exports["frugal:depth"]) exports["frugal:depth"].value = 10_000;
};

for (const [name, n] of Object.entries(programs)) {
  const best = files.map(() => Infinity);
  const values = files.map(() => null);
  // Interleaved, so that a slow moment of the machine does not fall on one variant alone.
  for (let round = 0; round < rounds; round += 1) {
    instances.forEach((exports, at) => {
      start(exports, 1n << 60n);
      const before = process.cpuUsage().user;
      values[at] = exports[name](n);
      best[at] = Math.min(best[at], (process.cpuUsage().user - before) / 1000);
    });
  }
  if (new Set(values).size !== 1) throw new Error(`${name}: results differ: ${values}`);
  const ratios = best.slice(1).map((time, at) => `${files[at + 1]} x${(time / best[0]).toFixed(3)}`);
  console.log(`${name}: plain ${best[0].toFixed(1)} ms; ${ratios.join("; ")}`);
}
