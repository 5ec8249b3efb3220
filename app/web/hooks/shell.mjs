// After a build: makes trunk's output a folder that any static host can serve, under any path.
//
// Moves the start script into a file (the policy allows no inline script), adds what loads late and the shipped data,
// writes the widget, one entry page for each route, and, for release builds, the service worker that keeps one whole version.
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cache, digest, filesBelow, minified, root } from "./files.mjs";
import { placeModule } from "./modules.mjs";

const staging = process.env.TRUNK_STAGING_DIR;
if (!staging) {
  console.error("shell: TRUNK_STAGING_DIR is not set; this is a hook of trunk, run `trunk build` instead");
  process.exit(1);
}
const release = process.env.TRUNK_PROFILE === "release";
const publicUrl = process.env.TRUNK_PUBLIC_URL || "./";
const boot = join(root, "app", "web", "boot");
/** Pages that are modules of their own, `frugal-<name>page` in app/web/Cargo.toml and index.html. */
const LATE_PAGES = ["bench", "model"];

/** Writes `content` under a name with its digest, returns the name. */
function writeHashed(stem, extension, content) {
  const name = `${stem}-${digest(content).slice(0, 16)}.${extension}`;
  writeFileSync(join(staging, name), content);
  return name;
}

/** Replaces every `__KEY__` and fails on one that is left. */
function fill(text, values) {
  const filled = Object.entries(values).reduce((all, [key, value]) => all.replaceAll(`__${key}__`, value), text);
  const left = filled.match(/__[A-Z_]+__/);
  if (left) throw new Error(`shell: nothing fills ${left[0]}`);
  return filled;
}

/** The guests prepared for the tab, as their list has them. */
function tabGuests() {
  const path = join(cache, "guests", "tab.json");
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")).guests : [];
}

/** Makes the page's own module small; returns the page with its new name, and that name. */
async function shrink(html) {
  const tag = html.match(/data-js="([^"]+)"/);
  if (!tag) throw new Error("shell: trunk's start script was not found; see pattern_script in Trunk.toml");
  const code = await minified(join(staging, tag[1]));
  const name = writeHashed("frugal-web", "js", code);
  if (name !== tag[1]) rmSync(join(staging, tag[1]));
  return html.replaceAll(tag[1], name);
}

/** What the page says of its guests before its worker is there: the shape of wire's `GuestStatus`, as JSON. */
function offeredGuests() {
  const offered = tabGuests().map((guest) => ({
    language: guest.language,
    version: guest.version,
    sha256: guest.sha256,
    download_bytes: guest.bundle.bytes + (guest.script?.bytes ?? 0),
    kept: false,
  }));
  return JSON.stringify(offered).replace(/[`\\$]/g, "\\$&");
}

/** Moves the start script into a file and checks that nothing inline is left. */
function externalise(html, { worker, modelWorker, pages }) {
  const tag = html.match(/<script type="module" src="start\.js" data-js="([^"]+)" data-wasm="([^"]+)"><\/script>/);
  if (!tag) throw new Error("shell: trunk's start script was not found; see pattern_script in Trunk.toml");
  const start = fill(readFileSync(join(boot, "start.js"), "utf8"), {
    PAGE_JS: tag[1],
    PAGE_WASM: tag[2],
    EDITOR_JS: writeHashed("editor", "js", readFileSync(join(cache, "editor.js"))),
    CHART_JS: writeHashed("chart", "js", readFileSync(join(cache, "chart.js"))),
    PROFILE_JS: writeHashed("profile", "js", readFileSync(join(cache, "profile.js"))),
    REPORT_JS: writeHashed("report", "js", readFileSync(join(cache, "report.js"))),
    WRITER_JS: writeHashed("writer", "js", readFileSync(join(cache, "writer.js"))),
    GUESTS: offeredGuests(),
    WORKER_JS: worker.script,
    WORKER_WASM: worker.wasm,
    MODEL_WORKER_JS: modelWorker.script,
    MODEL_WORKER_WASM: modelWorker.wasm,
    MODEL_WORKER_BYTES: String(statSync(join(staging, modelWorker.wasm)).size),
    PAGES: JSON.stringify(pages),
    SERVICE_WORKER: release ? "service-worker.js" : "",
  });
  const result = html.replace(tag[0], `<script type="module" src="${writeHashed("start", "js", start)}"></script>`);
  const inline = result.match(/<script(?![^>]*\ssrc=)[^>]*>|<style[\s>]|\sstyle="|\son[a-z]+="/);
  if (inline) throw new Error(`shell: the policy forbids what stands inline: ${inline[0]}`);
  return result;
}

/** Copies what the page fetches by name. */
function placeData() {
  for (const [from, to] of [
    [join(root, "public", "guests", "licences"), "guests/licences"],
    [join(root, "public", "problems"), "problems"],
    [join(root, "public", "manifest.webmanifest"), "manifest.webmanifest"],
    [join(root, "public", "icon-192.png"), "icon-192.png"],
    [join(root, "public", "icon-512.png"), "icon-512.png"],
    [join(root, "public", "_headers"), "_headers"],
  ]) {
    if (existsSync(from)) cpSync(from, join(staging, to), { recursive: true });
  }
  placeModels();
  // Only what the tab runs: the yardsticks that it is made from stay with the command.
  for (const guest of tabGuests()) {
    for (const part of [guest.bundle, guest.script]) {
      if (part) cpSync(join(cache, "guests", part.file), join(staging, "guests", part.file));
    }
  }
  if (tabGuests().length > 0) cpSync(join(cache, "guests", "tab.json"), join(staging, "guests", "tab.json"));
}

/** The shipped models: their list, and of each folder the files that it names; recipes and cards stay with the source. */
function placeModels() {
  const folder = join(root, "public", "models");
  if (!existsSync(join(folder, "manifest.json"))) return;
  mkdirSync(join(staging, "models"), { recursive: true });
  cpSync(join(folder, "manifest.json"), join(staging, "models", "manifest.json"));
  for (const model of JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")).models) {
    for (const { file, sha256 } of model.files) {
      const content = readFileSync(join(folder, model.name, file));
      if (digest(content) !== sha256) throw new Error(`shell: public/models/${model.name}/${file} is not what the manifest says`);
      mkdirSync(join(staging, "models", model.name), { recursive: true });
      writeFileSync(join(staging, "models", model.name, file), content);
    }
  }
}

/** The element that other sites embed: a name that stays, next to the worker of this build. */
function placeWidget(worker) {
  const wire = readFileSync(join(root, "app", "wire", "src", "lib.rs"), "utf8").match(/WIRE_VERSION: u32 = (\d+)/);
  if (!wire) throw new Error("shell: app/wire/src/lib.rs names no WIRE_VERSION");
  const text = fill(readFileSync(join(root, "app", "widget", "frugal-run.mjs"), "utf8"), {
    WIRE_VERSION: wire[1],
    WORKER_TEXT: JSON.stringify(readFileSync(join(root, "app", "wire", "src", "start.mjs"), "utf8")),
    WORKER_JS: worker.script,
    WORKER_WASM: worker.wasm,
  });
  mkdirSync(join(staging, "widget"), { recursive: true });
  writeFileSync(join(staging, "widget", "frugal-run.js"), text);
}

/** A static host has no server: says so where the page asks, without a failed request. */
function placeHealth() {
  mkdirSync(join(staging, "api"), { recursive: true });
  writeFileSync(join(staging, "api", "health"), JSON.stringify({ status: "absent" }));
}

/** One entry page for each route, so that a deep link survives a reload on a host that only serves files. */
function writeEntries(html) {
  const based = (base) => html.replace(/<base href="[^"]*"/, `<base href="${base}"`);
  const absolute = publicUrl.startsWith("/") || /^https?:/.test(publicUrl);
  writeFileSync(join(staging, "index.html"), html);
  writeFileSync(join(staging, "404.html"), html);
  for (const route of ["code", ...LATE_PAGES]) {
    mkdirSync(join(staging, route), { recursive: true });
    writeFileSync(join(staging, route, "index.html"), absolute ? html : based("../"));
  }
}

/** The files of the first visit and of an offline one: all but guests and models, which the workers keep. */
function shellFiles() {
  const kept = readdirSync(staging, { withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(js|wasm|css|svg|png|webmanifest|html)$/.test(entry.name))
    .map((entry) => entry.name)
    .filter((name) => name !== "404.html");
  const snippets = filesBelow(join(staging, "snippets")).map((name) => `snippets/${name}`);
  const guests = ["guests/tab.json"].filter((name) => existsSync(join(staging, name)));
  // Of the shipped problems only the set that one press runs.
  const problems = filesBelow(join(staging, "problems", "demo")).map((name) => `problems/demo/${name}`);
  return [...kept, ...snippets, ...guests, ...problems].sort();
}

function writeServiceWorker() {
  const files = shellFiles();
  const version = digest(files.map((name) => `${name} ${digest(readFileSync(join(staging, name)))}`).join("\n")).slice(0, 16);
  const text = fill(readFileSync(join(boot, "service-worker.js"), "utf8"), {
    VERSION: version,
    // The page by the address that people open: a server may answer `index.html` otherwise.
    FILES: JSON.stringify(files.map((name) => (name === "index.html" ? "./" : name)), null, 2),
  });
  writeFileSync(join(staging, "service-worker.js"), text);
}

const place = (stem) => placeModule(stem, staging, writeHashed);
const worker = await place("frugal-webworker");
const pages = {};
for (const name of LATE_PAGES) {
  const { script, wasm } = await place(`frugal-${name}page`);
  pages[name] = [script, wasm].map((file) => `./${file}`);
}
const modules = { worker, modelWorker: await place("frugal-modelworker"), pages };
const html = externalise(await shrink(readFileSync(join(staging, "index.html"), "utf8")), modules);
placeData();
placeWidget(worker);
placeHealth();
writeEntries(html);
if (release) writeServiceWorker();
