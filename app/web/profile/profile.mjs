// Where the fuel of a run went: a flamegraph over its tables, in a shadow root, so that its style sheet is a
// constructed object and the page's strict content security policy holds. Fuel arrives as decimal text and stays
// exact: BigInt throughout, numbers only for widths.

const styles = new CSSStyleSheet();
styles.replaceSync(`
  :host { display: block; }
  h3 { font-size: 1rem; margin: 1rem 0 0.4rem; }
  p { margin: 0.4rem 0; }
  .muted { color: var(--muted); font-size: 0.85rem; }
  .flame { position: relative; overflow: auto; max-height: 26rem; border: 1px solid var(--line); border-radius: 6px;
    background: var(--surface); }
  .flame:focus-within { outline: 2px solid var(--accent); outline-offset: 2px; }
  .sheet { position: relative; min-width: 100%; }
  .frame { position: absolute; box-sizing: border-box; height: 1.6rem; padding: 0 0.35rem; border: 1px solid var(--surface);
    border-radius: 3px; font: 0.78rem/1.45rem var(--mono); text-align: left; white-space: nowrap; overflow: hidden;
    text-overflow: ellipsis; cursor: pointer; color: var(--ink);
    background: color-mix(in oklab, var(--accent) var(--heat), var(--tint)); }
  .frame.rest { background: var(--tint); font-style: italic; color: var(--muted); }
  .frame:focus-visible { outline: 2px solid var(--ink); outline-offset: -2px; z-index: 1; }
  .frame[aria-pressed="true"] { border-color: var(--ink); }
  .about { min-height: 1.5em; font-size: 0.85rem; }
  .scroll { overflow-x: auto; }
  table { border-collapse: collapse; font-size: 0.85rem; min-width: 100%; }
  th, td { padding: 0.25rem 0.6rem 0.25rem 0; text-align: left; border-bottom: 1px solid var(--line); white-space: nowrap; }
  th.number, td.number { text-align: right; font-family: var(--mono); font-variant-numeric: tabular-nums; }
  td.name { font-family: var(--mono); }
  tfoot td, tfoot th { font-weight: 600; }
`);

const ROW_REM = 1.7;
/** Frames narrower than this share of the whole are not drawn: nobody could read or hit them; the tables hold all. */
const NARROW = 0.0015;

const grouped = (fuel) => fuel.toString().replace(/\B(?=(\d{3})+(?!\d))/g, "\u202f");
const share = (fuel, whole) => (whole === 0n ? 0 : Number((fuel * 1_000_000n) / whole) / 1_000_000);
const percent = (fuel, whole) => `${(100 * share(fuel, whole)).toFixed(1)}\u202f%`;

/** An element with a text, never markup: names come from the program. */
function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

/** The profile of a run report with its fuel as BigInts, or null where it has none. */
function read(reportJson) {
  const report = JSON.parse(reportJson);
  if (!report.profile) return { refusal: report.profile_refusal ?? "the run has no profile" };
  const { functions, lines, calls, unattributed_fuel } = report.profile;
  return {
    net: BigInt(report.net_fuel),
    rest: BigInt(unattributed_fuel),
    functions: functions.map((row) => ({ ...row, self: BigInt(row.self_fuel), total: BigInt(row.total_fuel) })),
    lines: lines.map((row) => ({ ...row, self: BigInt(row.self_fuel) })),
    calls: calls.map((row) => ({ ...row, self: BigInt(row.self_fuel) })),
    profile: report.profile,
  };
}

/** The tree of calls, each with the fuel of all below it. A caller stands before what it calls. */
function tree({ calls, functions, rest }) {
  const nodes = calls.map((call) => ({ ...functions[call.function], calls: call.calls, total: call.self, own: call.self, below: [] }));
  for (let index = nodes.length - 1; index >= 0; index -= 1) {
    const parent = nodes[calls[index].parent ?? -1];
    if (!parent) continue;
    parent.total += nodes[index].total;
    parent.below.unshift(nodes[index]);
    nodes[index].parent = parent;
  }
  const root = { name: "the whole call", total: 0n, own: 0n, below: nodes.filter((node) => !node.parent), line: null };
  if (rest > 0n) root.below.push({ name: "unattributed", total: rest, own: rest, below: [], rest: true });
  for (const node of root.below) {
    node.parent = root;
    root.total += node.total;
  }
  return root;
}

/** The file that https://www.speedscope.app opens: as `frugal run --speedscope` writes it. */
export function speedscope(reportJson, name) {
  const { profile, calls, rest } = read(reportJson);
  const frames = profile.functions.map(({ name, line }) => ({ name, file: "main.py", line }));
  const path = (call) => (call.parent === null ? [call.function] : [...path(calls[call.parent]), call.function]);
  const samples = calls.map(path);
  const weights = calls.map((call) => Number(call.self));
  if (rest > 0n) {
    samples.push([frames.length]);
    frames.push({ name: "unattributed" });
    weights.push(Number(rest));
  }
  const endValue = weights.reduce((sum, weight) => sum + weight, 0);
  return JSON.stringify({
    $schema: "https://www.speedscope.app/file-format-schema.json",
    shared: { frames },
    profiles: [{ type: "sampled", name, unit: "none", startValue: 0, endValue, samples, weights }],
    name,
    activeProfileIndex: 0,
    exporter: "frugal",
  });
}

/** Frames of the tree below `zoom`, which takes the whole width; arrow keys move between them. */
function flame(root) {
  const box = element("div", "flame");
  const about = element("p", "about");
  about.setAttribute("role", "status");
  const sheet = element("div", "sheet");
  box.append(sheet);
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", "Flamegraph: arrow keys move, Enter widens a call, Escape shows all");
  box.dataset.testid = "flame";
  let zoom = root;
  const say = (node) => {
    const where = node.line ? ` (line ${node.line})` : "";
    about.textContent = `${node.name}${where}: ${grouped(node.total)} fuel with its calls, ${percent(node.total, root.total)}; ${grouped(node.own)} of its own`;
  };
  const place = (node, depth, left, width) => {
    const frame = element("button", node.rest ? "frame rest" : "frame", node.name);
    frame.type = "button";
    frame.tabIndex = node === zoom ? 0 : -1;
    frame.style.left = `${left * 100}%`;
    frame.style.width = `${width * 100}%`;
    frame.style.top = `${depth * ROW_REM}rem`;
    frame.style.setProperty("--heat", `${Math.round(8 + 62 * share(node.own, root.total))}%`);
    frame.setAttribute("aria-label", `${node.name}, ${node.total} fuel, ${percent(node.total, root.total)}`);
    frame.setAttribute("aria-pressed", String(node === zoom && zoom !== root));
    frame.addEventListener("focus", () => say(node));
    frame.addEventListener("pointerenter", () => say(node));
    frame.addEventListener("click", () => paint(node));
    node.frame = frame;
    sheet.append(frame);
    let at = left;
    let deepest = depth;
    for (const child of node.below) {
      const wide = width * (node.total === 0n ? 0 : share(child.total, node.total));
      child.frame = null;
      if (wide >= NARROW) deepest = Math.max(deepest, place(child, depth + 1, at, wide));
      at += wide;
    }
    return deepest;
  };
  const paint = (node, focus = true) => {
    zoom = node;
    sheet.replaceChildren();
    const deepest = place(node, 0, 0, 1);
    sheet.style.height = `${(deepest + 1) * ROW_REM}rem`;
    if (focus) node.frame.focus();
    else say(node);
  };
  const near = (node, key) => {
    const siblings = node.parent && node !== zoom ? node.parent.below.filter((other) => other.frame) : [node];
    const at = siblings.indexOf(node);
    return {
      ArrowUp: node !== zoom ? node.parent : null,
      ArrowDown: node.below.find((child) => child.frame),
      ArrowLeft: siblings[at - 1],
      ArrowRight: siblings[at + 1],
    }[key];
  };
  box.addEventListener("keydown", (event) => {
    const all = [root];
    for (const node of all) all.push(...node.below);
    const node = all.find((each) => each.frame && each.frame === event.target);
    if (!node) return;
    if (event.key === "Escape" && zoom !== root) {
      event.stopPropagation();
      paint(root);
      return;
    }
    const next = near(node, event.key);
    if (!next) return;
    event.preventDefault();
    node.frame.tabIndex = -1;
    next.frame.tabIndex = 0;
    next.frame.focus();
  });
  paint(root, false);
  return [box, about];
}

function table(testid, heads, rows, foot) {
  const made = element("table");
  made.dataset.testid = testid;
  const line = (cells, tag) => {
    const row = element("tr");
    cells.forEach((cell, at) => {
      const made = element(tag, heads[at].number ? "number" : heads[at].className, String(cell));
      if (tag === "th") made.scope = "col";
      row.append(made);
    });
    return row;
  };
  made.createTHead().append(line(heads.map((head) => head.label), "th"));
  made.createTBody().append(...rows.map((row) => line(row, "td")));
  made.createTFoot().append(...foot.map((row) => line(row, "td")));
  const scroll = element("div", "scroll");
  scroll.append(made);
  return scroll;
}

/** Shows the profile of a report in `host`, in place of what was there. */
export function show(host, reportJson) {
  const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  root.adoptedStyleSheets = [styles];
  const data = read(reportJson);
  if (data.refusal) {
    const refusal = element("p", "", `No profile: ${data.refusal}.`);
    refusal.dataset.testid = "profile-refusal";
    root.replaceChildren(refusal);
    return;
  }
  const number = (label) => ({ label, number: true });
  const sum = (cells) => [
    ["unattributed", grouped(data.rest), percent(data.rest, data.net), ...cells],
    ["net fuel", grouped(data.net), "", ...cells],
  ];
  const functions = table(
    "profile-functions",
    [{ label: "Function", className: "name" }, number("Own fuel"), number("Share"), number("With its calls"), number("Calls"), number("Line")],
    data.functions.map((row) => [row.name, grouped(row.self), percent(row.self, data.net), grouped(row.total), grouped(row.calls), row.line]),
    sum(["", "", ""]),
  );
  const lines = table(
    "profile-lines",
    [number("Line"), number("Own fuel"), number("Share"), number("Times")],
    data.lines.map((row) => [row.line, grouped(row.self), percent(row.self, data.net), grouped(row.count)]),
    sum([""]),
  );
  const note = element("p", "muted", "Measured by a second run with marks, whose own cost is taken out. A line's fuel is without the functions it calls. Unattributed is what the marks vary and may fall below 0.");
  const [box, about] = flame(tree(data));
  root.replaceChildren(box, about, element("h3", "", "By function"), functions, element("h3", "", "By line"), lines, note);
}
