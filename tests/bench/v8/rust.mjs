// The Rust program in one engine: metered over plain, each part and the total of the five.
import { arm, line, measure } from './measure.mjs';

const programs = { sort: 300_000, hash: 2_000_000, format: 150_000, floats: 3_000_000, fib: 32 };
const names = ['plain', 'metered', 'metered without NaN', 'metered without depth'];
const files = ['plain.wasm', 'metered.wasm', 'no-nan.wasm', 'no-depth.wasm'];

export async function run(read, clock, say) {
  const modules = await Promise.all(files.map(async (file) => WebAssembly.compile(await read(file))));
  const totals = files.map(() => 0);
  for (const [name, size] of Object.entries(programs)) {
    const variants = modules.map((module) => {
      const { exports } = new WebAssembly.Instance(module);
      return () => {
        arm(exports);
        return exports[name](size);
      };
    });
    const best = await measure(variants, { rounds: 8, warmUp: 3, clock });
    best.forEach((time, at) => (totals[at] += time));
    await say(line(name, names, best));
  }
  await say(line('all', names, totals));
}
