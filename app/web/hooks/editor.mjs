// Before a build: bundles the code editor into .cache/page/editor.js. Does nothing when its sources are unchanged.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundler, cache, digest, root } from "./files.mjs";

const source = join(root, "app", "web", "editor");
const output = join(cache, "editor.js");
const stamp = join(cache, "editor.stamp");

const inputs = ["package-lock.json", "editor.mjs", "wat.mjs"];
const key = digest(
  [...inputs.map((name) => join(source, name)), fileURLToPath(import.meta.url)].map((path) => readFileSync(path, "utf8")).join("\0"),
);

if (!(existsSync(output) && existsSync(stamp) && readFileSync(stamp, "utf8") === key)) {
  if (!existsSync(join(source, "node_modules", "esbuild"))) {
    const installed = spawnSync("npm", ["ci", "--no-fund", "--no-audit"], { cwd: source, stdio: ["ignore", 2, 2] });
    if (installed.status !== 0) {
      console.error("editor: `npm ci` failed in app/web/editor; Node 20 with npm and a reachable registry are needed");
      process.exit(1);
    }
  }
  mkdirSync(cache, { recursive: true });
  rmSync(stamp, { force: true });
  const { build } = await bundler();
  await build({
    entryPoints: [join(source, "editor.mjs")],
    outfile: output,
    bundle: true,
    format: "esm",
    minify: true,
    target: "es2022",
    legalComments: "none",
  });
  writeFileSync(stamp, key);
  console.error("editor: bundled");
}
