// Replays metered random modules in this engine and compares fuel and result bits with the native engine's.
// The folder is written by the test `random` of frugal-instrument with FRUGAL_RANDOM_DUMP=FOLDER.
// Usage: node replay.mjs FOLDER. Also importable: `replayCase(case, bytes)` runs in a browser too.

/** Runs one case of cases.json on the bytes of its module; gives a sentence where it differs, else null. */
export async function replayCase(expected, bytes) {
  const { instance } = await WebAssembly.instantiate(bytes);
  const exports = instance.exports;
  const start = -(BigInt(expected.limit) + 1n);
  exports["frugal:fuel"].value = start;
  if (exports["frugal:depth"]) exports["frugal:depth"].value = 10_000;
  const values = expected.arguments.map(({ type, value }) => (type === "i64" ? BigInt(value) : Number(value)));
  let results;
  try {
    results = exports["frugal:entry"](...values);
  } catch (error) {
    return `${expected.file}: ${error}`;
  }
  const list = results === undefined ? [] : Array.isArray(results) ? results : [results];
  const bits = list.map((value) =>
    (typeof value === "bigint" ? BigInt.asUintN(64, value) : BigInt(value >>> 0)).toString());
  const fuel = (exports["frugal:fuel"].value - start).toString();
  if (fuel !== expected.fuel) return `${expected.file}: fuel ${fuel}, expected ${expected.fuel}`;
  if (bits.join() !== expected.results.join()) return `${expected.file}: results ${bits}, expected ${expected.results}`;
  return null;
}

if (typeof process !== "undefined" && process.argv[1]?.endsWith("replay.mjs")) {
  const { readFile } = await import("node:fs/promises");
  const folder = process.argv[2];
  const cases = JSON.parse(await readFile(`${folder}/cases.json`, "utf8"));
  let different = 0;
  for (const expected of cases) {
    const sentence = await replayCase(expected, await readFile(`${folder}/${expected.file}`));
    if (sentence) {
      different += 1;
      console.log(sentence);
    }
  }
  console.log(`${cases.length - different} equal, ${different} different`);
  process.exitCode = different || !cases.length ? 1 : 0;
}
