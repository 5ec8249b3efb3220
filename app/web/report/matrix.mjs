// Model against model: a heat map that is a table with a number in every cell.
import { decimal, folded, make, named, printable, table, wide } from "./dom.mjs";

/** Steps of shade on either side of even. */
const SHADES = 4;

const shareOf = ({ wins, ties, common_tasks }) => (wins + ties / 2) / common_tasks;

/**
 * What a cell can show. `pair` finds the row's pair, `text` writes it, `lead` says by how much the row is ahead, from
 * -1 to 1, and `says` explains it.
 */
const MEASURES = {
  dps: {
    title: "DPS on common tasks",
    pairs: (report) => report.aligned_dps,
    text: (pair) => decimal(pair.dps, 1),
    lead: (pair) => (pair.dps - pair.opponent_dps) / 50,
    says: "The row's mean DPS on the tasks where both models have one; the column's stands in the mirrored cell. Shaded where the row is ahead, dotted where it is behind.",
    words: (row, column, pair) => `${row}: DPS ${decimal(pair.dps, 1)} against ${decimal(pair.opponent_dps, 1)} of ${column}`,
  },
  wins: {
    title: "Win rate by fuel",
    pairs: (report) => report.cost_pairs,
    text: (pair) => `${decimal(100 * shareOf(pair), 0)}\u202f%`,
    lead: (pair) => 2 * shareOf(pair) - 1,
    says: "On how many of the tasks that both solved the row's model needs less fuel, ties as half. Shaded above 50 %, dotted below.",
    words: (row, column, pair) => `${row} is cheaper than ${column} on ${pair.wins}, alike on ${pair.ties}`,
  },
  cost: {
    title: "Cost ratio",
    pairs: (report) => report.cost_pairs,
    text: (pair) => (pair.cost_ratio < 100 ? decimal(pair.cost_ratio, 2) : decimal(pair.cost_ratio, 0)),
    lead: (pair) => -Math.log2(pair.cost_ratio) / 3,
    says: "Geometric mean of the row's fuel over the column's on the tasks that both solved. Below 1 the row is cheaper: shaded; above it dotted.",
    words: (row, column, pair) => `${row} costs ${decimal(pair.cost_ratio)} times what ${column} costs`,
  },
};

function look(lead) {
  const step = Math.min(SHADES, Math.ceil(Math.abs(lead) * SHADES - 1e-9));
  if (!(step > 0)) return "even";
  return `${lead > 0 ? "ahead" : "behind"}-${step}`;
}

/** The heat map with a choice of what it shows, and the same as a list; null for fewer than two models. */
export function matrix(report) {
  const names = report.models.map((model) => printable(model.name));
  const some = (key) => MEASURES[key].pairs(report)?.some((row) => row.some(Boolean));
  const keys = Object.keys(MEASURES).filter(some);
  if (names.length < 2) return null;
  const section = make("section", { class: "panel", "aria-label": "Model against model" }, make("h2", {}, "Model against model"));
  if (keys.length === 0) {
    section.append(make("p", { class: "muted", "data-testid": "matrix-empty" }, "No two models solved a task in common, so none can be held against another."));
    return section;
  }
  const place = make("div");
  const show = (key) => place.replaceChildren(make("p", { class: "small muted" }, MEASURES[key].says), heat(key, report, names));
  const choice = make("select", { id: "matrix-measure", "data-testid": "matrix-measure", onchange: () => show(choice.value) },
    keys.map((key) => make("option", { value: key }, MEASURES[key].title)));
  section.append(make("div", { class: "row" }, make("label", { for: "matrix-measure" }, "Show"), choice), place,
    folded("The same as a list", () => list(report, names), { "data-testid": "matrix-list" }));
  show(keys[0]);
  return section;
}

function heat(key, report, names) {
  const { pairs, text, lead, words } = MEASURES[key];
  const cell = (row, column) => {
    const pair = pairs(report)[row]?.[column];
    if (!pair) return make("td", { class: "figure" }, row === column ? "" : "–");
    return make("td", { class: `figure number ${look(lead(pair))}`, title: `${words(names[row], names[column], pair)}; ${pair.common_tasks} common tasks`, "data-pair": `${row}-${column}` },
      text(pair), make("span", { class: "report-interval" }, `of ${pair.common_tasks}`));
  };
  const number = (at) => make("span", { class: "matrix-number" }, String(at + 1));
  return wide("Model against model", make("table", { class: "matrix", "data-testid": "matrix" },
    make("caption", { class: "hidden-text" }, `${MEASURES[key].title}, row against column`),
    make("thead", {}, make("tr", {}, make("td"), names.map((name, at) =>
      make("th", { scope: "col", title: name }, number(at), make("span", { class: "hidden-text" }, ` ${name}`))))),
    make("tbody", {}, names.map((name, row) => make("tr", {},
      make("th", { scope: "row" }, number(row), " ", named(name)), names.map((_, column) => cell(row, column)))))));
}

function list(report, names) {
  const rows = names.flatMap((_, row) => names.map((_, column) => ({
    row, column, cost: report.cost_pairs?.[row]?.[column], dps: report.aligned_dps?.[row]?.[column],
  }))).filter(({ cost, dps }) => cost || dps);
  const columns = [
    { title: "Model", head: true, sort: ({ row }) => names[row] },
    { title: "Against", sort: ({ column }) => names[column] },
    { title: "Common tasks", figure: true, sort: ({ cost }) => cost?.common_tasks },
    { title: "Cheaper on", figure: true, sort: ({ cost }) => cost?.wins },
    { title: "Alike on", figure: true, sort: ({ cost }) => cost?.ties },
    { title: "Cost ratio", figure: true, sort: ({ cost }) => cost?.cost_ratio },
    { title: "DPS", figure: true, sort: ({ dps }) => dps?.dps },
    { title: "DPS of the other", figure: true, sort: ({ dps }) => dps?.opponent_dps },
  ];
  const cells = ({ row, column, cost, dps }) => [
    names[row], names[column], decimal(cost?.common_tasks, 0), decimal(cost?.wins, 0), decimal(cost?.ties, 0),
    decimal(cost?.cost_ratio), decimal(dps?.dps, 1), decimal(dps?.opponent_dps, 1),
  ];
  return table("Every two models", columns, rows, cells);
}
