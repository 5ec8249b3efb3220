// Paths and small helpers that the hooks share.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** The repository's root. */
export const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..");
/** What the hooks make before a build; git ignores it. */
export const cache = join(root, ".cache", "page");

/** SHA-256 of bytes or text, in hexadecimal. */
export const digest = (bytes) => createHash("sha256").update(bytes).digest("hex");

/** Writes only when the content differs, so that watchers stay quiet. Returns whether it wrote. */
export function writeIfChanged(path, content) {
  const bytes = Buffer.from(content);
  if (existsSync(path) && readFileSync(path).equals(bytes)) return false;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
  return true;
}

/** Every file below `folder`, as paths relative to it, sorted. An absent folder has none. */
export function filesBelow(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(folder.length + 1))
    .sort();
}

/** The bundler that the editor's lockfile installs. */
export const bundler = () =>
  import(pathToFileURL(join(root, "app", "web", "editor", "node_modules", "esbuild", "lib", "main.js")));

/** A module's text without what only people read. */
export async function minified(path) {
  const { transform } = await bundler();
  return (await transform(readFileSync(path, "utf8"), { minify: true, format: "esm", target: "es2022" })).code;
}
