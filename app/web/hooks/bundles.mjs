// Before a build: bundles the modules that the page loads late into .cache/page. Does nothing for
// one whose sources are unchanged.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundler, cache, digest, root } from "./files.mjs";

/** Installs the packages of `folder` by its lockfile unless they are there; `needed` is one of them. */
function install(folder, needed) {
  const place = join(root, folder);
  if (existsSync(join(place, "node_modules", needed))) return;
  const installed = spawnSync("npm", ["ci", "--no-fund", "--no-audit"], { cwd: place, stdio: ["ignore", 2, 2] });
  if (installed.status !== 0) {
    console.error(`bundles: \`npm ci\` failed in ${folder}; Node 20 with npm and a reachable registry are needed`);
    process.exit(1);
  }
}

/** Bundles `entry` of `folder` to `.cache/page/<name>.js`; `inputs` are the files that change it, `needed` a package, where it has any. */
async function bundle(name, folder, inputs, needed) {
  const output = join(cache, `${name}.js`);
  const stamp = join(cache, `${name}.stamp`);
  const paths = [...inputs.map((input) => join(root, folder, input)), fileURLToPath(import.meta.url)];
  const key = digest(paths.map((path) => readFileSync(path, "utf8")).join("\0"));
  if (existsSync(output) && existsSync(stamp) && readFileSync(stamp, "utf8") === key) return;
  install("app/web/editor", "esbuild");
  if (needed) install(folder, needed);
  mkdirSync(cache, { recursive: true });
  rmSync(stamp, { force: true });
  const { build } = await bundler();
  await build({
    entryPoints: [join(root, folder, `${name}.mjs`)],
    outfile: output,
    bundle: true,
    format: "esm",
    minify: true,
    target: "es2022",
    legalComments: "none",
    loader: { ".css": "text" },
  });
  writeFileSync(stamp, key);
  console.error(`${name}: bundled`);
}

await bundle("editor", "app/web/editor", ["package-lock.json", "editor.mjs", "wat.mjs"], "esbuild");
await bundle("chart", "app/web/chart", ["package-lock.json", "chart.mjs"], "uplot");
await bundle("profile", "app/web/profile", ["profile.mjs"], null);
const reader = ["report.mjs", "report.css", "detail.mjs", "dom.mjs", "matrix.mjs", "models.mjs", "trace.mjs"];
await bundle("report", "app/web/report", reader);
await bundle("writer", "app/web/writer", ["writer.mjs", "../report/dom.mjs"]);
