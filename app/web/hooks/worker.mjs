// The dedicated worker that runs jobs. Trunk gives workers no hashed names; this does, so that a page always meets
// the worker of its own version.
import { existsSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { minified } from "./files.mjs";

const STEM = "frugal-webworker";

/**
 * Puts the worker's files under hashed names.
 *
 * @param {string} staging trunk's output.
 * @param {(stem: string, extension: string, content: Buffer | string) => string} writeHashed writes a file, returns its name.
 * @returns {Promise<{script: string, wasm: string}>} their names.
 */
export async function placeWorker(staging, writeHashed) {
  const place = async (from, stem, extension) => {
    const path = join(staging, from);
    if (!existsSync(path)) {
      throw new Error(`worker: ${from} is missing; trunk built ${readdirSync(staging).join(", ")}`);
    }
    const name = writeHashed(stem, extension, extension === "js" ? await minified(path) : readFileSync(path));
    rmSync(path);
    return name;
  };
  const script = await place(`${STEM}.js`, STEM, "js");
  const wasm = await place(`${STEM}_bg.wasm`, STEM, "wasm");
  for (const extra of [`${STEM}.d.ts`, `${STEM}_bg.wasm.d.ts`]) rmSync(join(staging, extra), { force: true });
  return { script, wasm };
}
