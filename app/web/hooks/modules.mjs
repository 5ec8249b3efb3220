// The modules beside the page's own: the workers, and the pages that come late. Trunk gives them no hashed names; this does, so that
// a page always meets those of its own version.
import { existsSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { minified } from "./files.mjs";

/**
 * Puts a module's files under hashed names.
 *
 * @param {string} stem the name of its binary.
 * @param {string} staging trunk's output.
 * @param {(stem: string, extension: string, content: Buffer | string) => string} writeHashed writes a file, returns its name.
 * @returns {Promise<{script: string, wasm: string}>} their names.
 */
export async function placeModule(stem, staging, writeHashed) {
  const place = async (from, extension) => {
    const path = join(staging, from);
    if (!existsSync(path)) {
      throw new Error(`${stem}: ${from} is missing; trunk built ${readdirSync(staging).join(", ")}`);
    }
    const name = writeHashed(stem, extension, extension === "js" ? await minified(path) : readFileSync(path));
    rmSync(path);
    return name;
  };
  const script = await place(`${stem}.js`, "js");
  const wasm = await place(`${stem}_bg.wasm`, "wasm");
  for (const extra of [`${stem}.d.ts`, `${stem}_bg.wasm.d.ts`]) rmSync(join(staging, extra), { force: true });
  return { script, wasm };
}
