// Before a build: prepares the guests for the tab in .cache/page/guests. The tool itself keeps what it made by
// digest; this only skips starting it when nothing it reads has changed.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { cache, digest, filesBelow, root } from "./files.mjs";

const output = join(cache, "guests");
const stamp = join(cache, "guests.stamp");
const manifest = join(root, "public", "guests", "manifest.json");

/** Everything that decides the prepared guests: the yardsticks, the meter, the cost table, the tool. */
function inputs() {
  const folders = ["sandbox/fuel/src", "sandbox/instrument/src", "sandbox/guests/build/src"].map((name) => join(root, name));
  const files = folders.flatMap((folder) => filesBelow(folder).map((name) => join(folder, name)));
  const tools = ["package-lock.json", "split.mjs"].map((name) => join(root, "sandbox", "guests", "npm", name));
  return [manifest, ...tools, ...files].map((path) => digest(readFileSync(path))).join("\n");
}

function prepare() {
  const tool = ["run", "--quiet", "--bin", "frugal-guest-build", "--", "tab", "--out", output];
  console.error("guests: preparing them for the tab; the first time takes minutes");
  const done = spawnSync("cargo", tool, { cwd: root, stdio: ["ignore", 2, 2] });
  if (done.status !== 0) {
    console.error("guests: `cargo run --bin frugal-guest-build -- tab` failed, see above; without it the tab runs no guest");
    process.exit(1);
  }
}

if (existsSync(manifest)) {
  const key = digest(inputs());
  const fresh = existsSync(join(output, "tab.json")) && existsSync(stamp) && readFileSync(stamp, "utf8") === key;
  if (!fresh) {
    mkdirSync(cache, { recursive: true });
    rmSync(stamp, { force: true });
    prepare();
    writeFileSync(stamp, key);
  }
}
