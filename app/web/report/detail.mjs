// One problem of a result: what it is measured against, every sample of it, and every case of one.
import { decimal, folded, grouped, make, printable, ratio, sum, table, verdict } from "./dom.mjs";

/** The problem `taskId` with sample `sample` of `model` marked. */
export function detail(report, taskId, model, sample) {
  const problem = report.problems.find((one) => one.task_id === taskId);
  if (!problem) return [make("p", { class: "muted" }, "The result holds nothing more on this problem.")];
  const draw = report.schema.startsWith("frugal.evaluation/") ? ofEvaluation : ofComparison;
  return [
    problem.message && make("p", { class: "notice warn" }, printable(problem.message)),
    ...draw(report, problem, model, sample),
  ].filter(Boolean);
}

const total = (cases) => sum(cases.map((one) => one.net_fuel));
const atLeast = (cases) => (cases.some((one) => one.is_lower_bound) ? "≥ " : "");
const fuelText = (cases) => (cases.length > 0 ? atLeast(cases) + grouped(total(cases)) : "–");
const placeText = (place) => (typeof place === "string" ? printable(place) : place ? `level ${place.level}, case ${place.case}` : "");

/** Failing kind, place and message of a sample; empty for one that passed. */
const why = ({ failure, where, message }) =>
  make("span", { class: "report-why" }, [failure && printable(failure), placeText(where), message && printable(message)].filter(Boolean).join("; "));

function ofEvaluation({ options }, problem, _, chosen) {
  const levels = options.hardness.map((_, level) => level);
  const rows = [
    { name: "reference", fuel: problem.reference_fuel.map((level) => level.map((net_fuel) => ({ net_fuel }))) },
    ...problem.samples.map((sample) => ({ ...sample, name: `#${sample.index}` })),
  ];
  const columns = [
    { title: "Sample", head: true },
    { title: "Verdict" },
    { title: "Efficiency", figure: true },
    { title: "Cost to reference", figure: true },
    ...levels.map((level) => ({ title: `Fuel of level ${level}`, figure: true })),
    { title: "Why" },
  ];
  const cells = (row) => [
    row.name,
    row.verdict ? verdict(row.verdict) : "",
    decimal(row.efficiency),
    decimal(row.cost_ratio),
    ...levels.map((level) => fuelText(row.fuel[level] ?? [])),
    row.verdict ? why(row) : "",
  ];
  const mark = (row) => ({ current: row.index === chosen, "data-detail": row.index ?? "reference" });
  const sample = problem.samples.find((one) => one.index === chosen);
  const cases = (sample?.fuel ?? []).flatMap((level, at) => level.map((one, index) => ({
    name: `level ${at}, case ${index}`, ...one, reference: problem.reference_fuel[at]?.[index],
  })));
  return [
    make("p", { class: "small muted" }, `Function ${printable(problem.entry_point)}. A case that needs `,
      make("span", { class: "number" }, grouped(problem.limit_fuel)), " fuel or more gives its level no score."),
    table("Samples of this problem", columns, rows, cells, { mark, testid: "detail-samples" }),
    everyCase(cases, sample),
  ];
}

function ofComparison({ models }, problem, model, chosen) {
  const best = problem.references.at(-1);
  const rows = [
    ...problem.references.map((reference) => ({
      name: `reference ${printable(reference.name)}`, score: reference.score, fuel: reference.fuel.map((net_fuel) => ({ net_fuel })),
    })),
    ...problem.samples.map((sample) => ({ ...sample, name: `${printable(models[sample.model]?.name)} #${sample.index}` })),
  ];
  const scores = [...new Set(problem.samples.flatMap((sample) => Object.keys(sample.scores)))].sort();
  const columns = [
    { title: "Program", head: true, sort: (row) => row.name },
    { title: "Verdict", sort: (row) => row.verdict },
    { title: "Net fuel", figure: true, sort: (row) => (row.fuel.length > 0 ? total(row.fuel) : undefined) },
    { title: "Cost to fastest", figure: true, sort: (row) => row.cost_ratio },
    ...scores.map((name) => ({ title: name.replaceAll("_", " "), figure: true, sort: (row) => row.scores?.[name] })),
    { title: "Why" },
  ];
  const cells = (row) => [
    row.name,
    row.verdict ? verdict(row.verdict) : "",
    fuelText(row.fuel),
    row.verdict ? decimal(row.cost_ratio) : ratio(total(row.fuel), total(best.fuel.map((net_fuel) => ({ net_fuel })))),
    ...scores.map((name) => decimal(row.verdict ? row.scores[name] : name === "dps" ? row.score : undefined, 1)),
    row.verdict ? why(row) : "",
  ];
  const mark = (row) => ({
    current: row.model === model && row.index === chosen, "data-detail": row.verdict ? `${row.model}-${row.index}` : "reference",
  });
  const sample = problem.samples.find((one) => one.model === model && one.index === chosen);
  const cases = (sample?.fuel ?? []).map((one, at) => ({ name: `case ${at}`, ...one, reference: best?.fuel[at] }));
  return [table("Programs of this problem", columns, rows, cells, { mark, testid: "detail-samples" }), everyCase(cases, sample)];
}

function everyCase(cases, sample) {
  if (cases.length === 0) return null;
  const columns = [
    { title: "Case", head: true },
    { title: "Net fuel", figure: true, sort: (one) => BigInt(one.net_fuel) },
    { title: "Reference", figure: true, sort: (one) => BigInt(one.reference ?? 0) },
    { title: "Ratio", figure: true, sort: (one) => Number(one.net_fuel) / Number(one.reference ?? NaN) },
  ];
  const cells = (one) => [
    one.name,
    (one.is_lower_bound ? "≥ " : "") + grouped(one.net_fuel),
    one.reference === undefined ? "–" : grouped(one.reference),
    one.reference === undefined ? "–" : ratio(one.net_fuel, one.reference),
  ];
  const digest = make("p", { class: "small muted" }, `SHA-256 of the sample: ${printable(sample.source_sha256)}`);
  return folded(`Every case of this sample (${cases.length})`, () => [table("Cases", columns, cases, cells), digest], { "data-testid": "detail-cases" });
}
