// The Python guest in one engine: its core modules metered over plain, on a loop and on calls.
import { line, measure } from './measure.mjs';

const programs = {
  loop: { source: 'def f(n):\n t = 0\n for i in range(n):\n  t += i*i%7\n return t', arguments: [500_000], calls: 1 },
  fib: { source: 'def f(n):\n return n if n < 2 else f(n-1) + f(n-2)', arguments: [20], calls: 6 },
};
const names = ['plain', 'metered', 'metered without NaN'];
const folders = ['plain', 'metered', 'no-nan'];

export async function run(read, clock, say, base) {
  const script = await import(new URL('plain/g.mjs', new URL(base, import.meta.url)));
  const list = JSON.parse(new TextDecoder().decode(await read('modules.json')));
  const compiled = await Promise.all(folders.map(async (folder) => Object.fromEntries(await Promise.all(
    list.map(async (name) => [name, await WebAssembly.compile(await read(`${folder}/${name}`))])))));
  for (const [name, program] of Object.entries(programs)) {
    const variants = compiled.map((modules) => start(script, modules, program));
    await say(line(name, names, await measure(variants, { rounds: 12, warmUp: 6, clock })));
  }
}

/** A fresh instance that holds `program`; gives the function that calls it. */
function start(script, modules, program) {
  const fuel = new WebAssembly.Global({ value: 'i64', mutable: true }, -(1n << 60n));
  const flags = new WebAssembly.Global({ value: 'i32', mutable: true }, 0);
  const pages = new WebAssembly.Global({ value: 'i32', mutable: false }, 8192);
  const meter = { 'frugal:meter': { fuel, flags, pages } };
  const guest = script.instantiate((name) => modules[name], { mark: { default: () => {} } },
    (module, imports) => new WebAssembly.Instance(module, { ...imports, ...meter }));
  const request = (value) => new TextEncoder().encode(JSON.stringify(value));
  const define = { source: program.source, mode: 'function', entry: 'f', filename: 'sample.py', hide: [] };
  for (const reply of [guest.define(request(define), 1 << 20), guest.prepare(request({ arguments: program.arguments }))]) {
    if (reply[0] !== 0) throw new Error(new TextDecoder().decode(reply));
  }
  return () => {
    for (let call = 0; call < program.calls; call += 1) guest.call();
  };
}
