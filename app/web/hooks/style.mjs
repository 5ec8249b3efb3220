// Before a build: joins the design tokens, the page's style and every component's style into one sheet.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { cache, filesBelow, root, writeIfChanged } from "./files.mjs";

const components = join(root, "app", "ui", "src");
const sheets = [
  join(root, "public", "tokens.css"),
  join(root, "app", "web", "page.css"),
  ...filesBelow(components).filter((name) => name.endsWith(".css")).map((name) => join(components, name)),
];
writeIfChanged(join(cache, "style.css"), sheets.map((path) => readFileSync(path, "utf8")).join("\n"));
