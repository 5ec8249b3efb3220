// What each model of a comparison came to.
import { decimal, folded, make, named, printable, table } from "./dom.mjs";

/** Titles of metrics, in the order shown; `@` stands for every k. */
const TITLES = [
  ["pass@", "pass@"],
  ["efficient@", "efficient@"],
  ["dps", "DPS"],
  ["dps_norm", "DPS norm"],
  ["pass@1_pct", "pass@1, %"],
  ["cost_ratio_geometric_mean", "Cost to fastest reference"],
  ["speedup_geometric_mean", "Speedup, geometric mean"],
  ["speedup_ratio_of_sums", "Speedup, ratio of sums"],
  ["win_rate_task_level", "Win rate by task"],
  ["win_rate_model_level", "Win rate by model"],
  ["tasks_scored", "Tasks with DPS"],
  ["measured_samples", "Samples measured"],
];
const COUNTS = new Set(["tasks_scored", "measured_samples"]);

/** Place of a metric in the order shown. Those of k are sorted by k. */
function place(name) {
  const k = Number(name.match(/^\w+@(\d+)$/)?.[1] ?? 0);
  const at = TITLES.findIndex(([key]) => (key.endsWith("@") ? k > 0 && name.startsWith(key) : key === name));
  return (at < 0 ? TITLES.length : at) * 1e9 + k;
}

function title(name) {
  const found = TITLES.find(([key]) => key === name);
  return found ? found[1] : name.replaceAll("_", " ");
}

/** A table of models: metrics with their intervals; below it failures by kind and tasks without a score. */
export function models({ models: all }) {
  const names = [...new Set(all.flatMap((model) => Object.keys(model.metrics)))].sort((a, b) => place(a) - place(b));
  const columns = [
    { title: "Model", head: true, sort: (model) => model.name },
    ...names.map((name) => ({ title: title(name), figure: true, sort: (model) => model.metrics[name] })),
  ];
  const cell = (model, name) => {
    const interval = model.intervals[name];
    return [
      make("span", { "data-metric": name }, COUNTS.has(name) ? decimal(model.metrics[name], 0) : decimal(model.metrics[name])),
      interval && make("span", { class: "report-interval", "data-interval": name }, `${decimal(interval[0])} to ${decimal(interval[1])}`),
    ];
  };
  const mark = (model) => ({ "data-model": model.name });
  return make("section", { class: "panel", "aria-label": "Models" },
    make("h2", {}, all.length > 1 ? "Models" : "Metrics"),
    make("p", { class: "small muted" }, "Below a figure stands its 95 % interval, by drawing problems anew."),
    table("Models", columns, all, (model) => [named(model.name), ...names.map((name) => cell(model, name))], { mark, testid: "models" }),
    failures(all),
    skipped(all));
}

function failures(all) {
  const kinds = [...new Set(all.flatMap((model) => Object.keys(model.failures)))].sort();
  if (kinds.length === 0) return null;
  const columns = [
    { title: "Kind", head: true, sort: (kind) => kind },
    ...all.map((model) => ({ title: printable(model.name), figure: true, sort: (kind) => model.failures[kind] ?? 0 })),
  ];
  const row = (kind) => [printable(kind), ...all.map((model) => String(model.failures[kind] ?? 0))];
  return folded("Failures by kind", () => table("Failures by kind", columns, kinds, row), { "data-testid": "failures" });
}

function skipped(all) {
  const some = all.filter((model) => model.skipped.length > 0);
  if (some.length === 0) return null;
  const line = (model) => make("p", { class: "small" }, make("strong", {}, printable(model.name)), `: ${printable(model.skipped.join(", "))}`);
  return folded("Tasks without a score", () => some.map(line));
}
