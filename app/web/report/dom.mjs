// Elements and figures. Whatever a report says becomes text, never markup.

/**
 * An element. Properties that begin with `on` are listeners, `class` and what holds a dash are attributes, the rest are
 * the element's own. Children are elements, or texts; `null` and `false` are left out.
 */
export function make(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "class" || key === "for" || key.includes("-")) element.setAttribute(key, value);
    else element[key] = value;
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** A part that is closed at first; `fill` gives its content when it is first opened. */
export function folded(summary, fill, { open = false, ...properties } = {}) {
  const part = make("details", properties, make("summary", {}, summary));
  const once = () => {
    if (!part.open) return;
    part.removeEventListener("toggle", once);
    part.append(...[fill()].flat());
  };
  part.addEventListener("toggle", once);
  part.open = open;
  return part;
}

/** A region that scrolls sideways, also by the keyboard. */
export const wide = (label, ...children) =>
  make("div", { class: "report-wide", role: "region", "aria-label": label, tabIndex: 0 }, ...children);

/** Control characters, and those that reorder or hide text, as report's `printable` names them. */
const STEERING = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** Hostile text with everything that could steer a reader's eye written out. */
export const printable = (text) =>
  String(text ?? "").replace(STEERING, (found) => `\\u{${found.codePointAt(0).toString(16)}}`);

/** A name, which may break after an underscore where it is long. */
export const named = (text) => printable(text).split(/(?<=_)/).flatMap((part) => [part, make("wbr")]);

/** Fuel, a decimal string, in groups of three. */
export const grouped = (units) => String(units).replace(/\B(?=(\d{3})+$)/g, "\u202f");

/** Sum of fuel, to the unit. */
export const sum = (fuels) => fuels.reduce((all, fuel) => all + BigInt(fuel), 0n);

/** A number with so many decimals, or a dash. */
export const decimal = (value, digits = 3) => (typeof value === "number" ? value.toFixed(digits) : "–");

/** How many times dearer `fuel` is than `base`. */
export const ratio = (fuel, base) => (BigInt(base) === 0n ? "–" : decimal(Number(fuel) / Number(base)));

const VERDICTS = {
  passed: ["✓", "passed", "good"],
  out_of_fuel: ["■", "out of fuel", "warn"],
  out_of_memory: ["■", "out of memory", "warn"],
  overflow: ["■", "overflow", "warn"],
  wrong_output: ["✕", "wrong answer", "bad"],
  error: ["✕", "error", "bad"],
  infrastructure_failure: ["!", "not measured", "warn"],
  pending: ["…", "not reached", "muted"],
};

/** Mark and words of a verdict: never by colour alone. */
export function verdict(name) {
  const [mark, words, look] = VERDICTS[name] ?? ["–", "no program", "muted"];
  return make("span", { class: `verdict ${look}`, "data-verdict": name }, make("span", { "aria-hidden": "true" }, mark), ` ${words}`);
}

/**
 * A table. Columns are `{ title, figure, head, sort }`: `figure` aligns to the right, `head` marks the row's name, `sort`
 * gives what a row is sorted by (number, bigint or text; absent comes last). Each of `rows` is drawn by `cells(row)`.
 */
export function table(label, columns, rows, cells, properties = {}) {
  const body = make("tbody");
  let order = null;
  const draw = () => {
    const sorted = order ? [...rows].sort(by(columns[order.at].sort, order.down)) : rows;
    body.replaceChildren(...sorted.map((row) => {
      const { current, ...marks } = properties.mark?.(row) ?? {};
      const drawn = cells(row).map((cell, at) => make(columns[at].head ? "th" : "td", {
        class: columns[at].figure && "figure number", scope: columns[at].head && "row",
      }, cell));
      return make("tr", { "aria-current": current && "true", ...marks }, drawn);
    }));
    heads.forEach((head, at) => {
      const way = order?.at === at && (order.down ? "descending" : "ascending");
      if (way) head.setAttribute("aria-sort", way);
      else head.removeAttribute("aria-sort");
      const arrow = head.querySelector(".arrow");
      if (arrow) arrow.textContent = way ? (order.down ? "↓" : "↑") : "";
    });
  };
  const press = (at) => {
    order = order?.at === at ? { at, down: !order.down } : { at, down: Boolean(columns[at].figure) };
    draw();
  };
  const heads = columns.map(({ title, figure, sort }, at) => make("th", { scope: "col", class: figure && "figure" }, sort
    ? make("button", { type: "button", class: "quiet", onclick: () => press(at) }, title, " ", make("span", { class: "arrow", "aria-hidden": "true" }))
    : title));
  draw();
  return wide(label, make("table", { class: properties.class, "data-testid": properties.testid }, make("thead", {}, make("tr", {}, heads)), body));
}

function by(key, down) {
  return (a, b) => {
    const [left, right] = [key(a), key(b)];
    const [none, other] = [left === undefined || left === null, right === undefined || right === null];
    if (none || other) return none - other;
    const way = left < right ? -1 : Number(left > right);
    return down ? -way : way;
  };
}
