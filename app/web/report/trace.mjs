// How a model was led to its programs: stage by stage, what was asked, what it said, what became of it.
import { decimal, folded, grouped, make, printable, table, verdict } from "./dom.mjs";

const tokensText = ({ prompt_tokens, completion_tokens, is_estimate }) =>
  `${is_estimate ? "about " : ""}${grouped(prompt_tokens)} in, ${grouped(completion_tokens)} out`;

const pre = (text, testid) => make("pre", { class: "report-text", "data-testid": testid, tabIndex: 0 }, printable(text));

/** Figures of the whole run, then every problem. */
export function trace(report) {
  return [
    totals(report),
    ...report.problems.map((problem) => problemView(problem, report.problems.length === 1)),
  ];
}

function totals({ model, endpoint, options, optimized, direct, fuel_gain_problems }) {
  const rows = [
    ["pass@1", (one) => decimal(one.pass_at_1, 4)],
    ["eff@1", (one) => decimal(one.eff_at_1, 4)],
    ["Cost to reference", (one) => decimal(one.cost_ratio)],
    ["Requests", (one) => grouped(one.tokens.requests)],
    ["Tokens", (one) => tokensText(one.tokens)],
    ["Joules", (one) => (one.joules === null || one.joules === undefined ? "unknown" : decimal(one.joules, 1))],
  ];
  const columns = [{ title: "Figure", head: true }, { title: "By the recipe", figure: true }, { title: "Simply asked", figure: true }];
  return make("section", { class: "panel", "aria-label": "Recipe" },
    make("h2", {}, `${printable(model)}, preset ${printable(options.preset)}`),
    make("p", { class: "small muted" }, `Asked at ${printable(endpoint)}. Stages: ${printable(options.stages.join(", "))}. `,
      `The fuel gain is over ${fuel_gain_problems} problem(s) that both ways solve.`),
    table("Figures", columns, rows, ([name, get]) => [name, get(optimized), direct ? get(direct) : "not asked"], { testid: "trace-totals" }));
}

function measuredText(program) {
  if (!program) return [verdict("none")];
  return [
    program.verdict ? verdict(program.verdict) : make("span", { class: "muted" }, "not measured"),
    program.verdict ? make("span", { class: "number" }, ` ${program.passed ? "" : "≥ "}${grouped(program.net_fuel)} fuel, e ${decimal(program.efficiency)}`) : null,
    program.message ? make("span", { class: "report-why" }, ` ${printable(program.message)}`) : null,
  ];
}

function problemView(problem, open) {
  const summary = make("span", {}, make("strong", {}, printable(problem.task_id)), " ", measuredText(problem.optimized));
  return folded(summary, () => [
    problem.message && make("p", { class: "notice warn" }, printable(problem.message)),
    problem.is_short_of_budget && make("p", { class: "notice warn" }, "Some questions were not asked: the budget of tokens or time was spent."),
    steps(problem),
    tests(problem),
    candidates(problem),
    programs(problem),
  ].filter(Boolean), { open, class: "panel report-problem", "data-testid": "trace-problem", "data-task": problem.task_id });
}

function steps({ trace: all }) {
  if (all.length === 0) return make("p", { class: "muted", "data-testid": "trace-empty" }, "Nothing was asked.");
  const list = make("ol", { class: "report-steps" }, all.map(step));
  const every = (open) => () => list.querySelectorAll(":scope > li > details").forEach((part) => { part.open = open; });
  const stages = [...new Set(all.map((one) => one.stage))];
  const choose = make("select", {
    "aria-label": "Stage", "data-testid": "trace-stage",
    onchange: () => [...list.children].forEach((item) => { item.hidden = choose.value !== "" && item.dataset.stage !== choose.value; }),
  }, make("option", { value: "" }, `All ${all.length} steps`), stages.map((stage) => make("option", { value: stage }, printable(stage))));
  return make("section", { "aria-label": "Steps" },
    make("h3", {}, "Steps"),
    make("div", { class: "row report-tools" }, choose,
      make("button", { type: "button", class: "quiet", onclick: every(true), "data-testid": "trace-open-all" }, "Open all"),
      make("button", { type: "button", class: "quiet", onclick: every(false) }, "Close all")),
    list);
}

function step(one) {
  const summary = make("span", {},
    make("span", { class: "report-stage" }, printable(one.stage)), ` ${printable(one.name)} `,
    make("span", { class: "small muted" }, make("span", { class: "number" }, tokensText(one.tokens)), ` tokens · ${grouped(one.wall_ms)}\u202fms · `,
      make("span", { "data-testid": "trace-verdict" }, printable(one.verdict))));
  const asked = one.tokens.requests === 1 ? "" : ` (${one.tokens.requests} requests)`;
  return make("li", { "data-stage": one.stage, "data-testid": "trace-step" }, folded(summary, () => [
    make("h4", {}, `Prompt${asked}`), pre(one.prompt, "trace-prompt"),
    make("h4", {}, "Reply"), one.reply === null || one.reply === undefined ? make("p", { class: "muted" }, "None came.") : pre(one.reply, "trace-reply"),
    make("h4", {}, "Verdict"), make("p", {}, printable(one.verdict)),
  ]));
}

/** What became of a test: mark, words, look. */
const TESTS = {
  passed: ["✓", "passed", "good"],
  valid: ["✓", "right, though the best program fails it", "warn"],
  invalid: ["✕", "wrong: dropped", "bad"],
  unknown: ["?", "undecided", "muted"],
  timed_out: ["■", "too dear: dropped", "warn"],
};

function tests({ tests: all, large_inputs }) {
  if (all.length + large_inputs.length === 0) return null;
  const columns = [{ title: "Arguments", head: true }, { title: "Expected" }, { title: "What became of it", sort: (one) => one.verdict }];
  const cells = (one) => {
    const [mark, words, look] = TESTS[one.verdict] ?? ["", one.verdict, ""];
    return [code(one.arguments), code(one.expected), make("span", { class: look }, `${mark} ${words}`)];
  };
  return make("section", { "aria-label": "Tests" }, make("h3", {}, "Tests that the model wrote"),
    all.length > 0 && table("Tests", columns, all, cells, { testid: "trace-tests" }),
    large_inputs.length > 0 && folded(`Large inputs (${large_inputs.length})`, () => large_inputs.map((input) => pre(input))));
}

const code = (text) => make("code", {}, printable(text));

function candidates({ candidates: all }) {
  if (all.length === 0) return null;
  const columns = [
    { title: "Program", head: true, sort: (one) => one.name },
    { title: "Chosen", sort: (one) => (one.is_chosen ? 0 : 1) },
    { title: "Tests passed", figure: true, sort: (one) => one.passes },
    { title: "Large inputs finished", figure: true, sort: (one) => one.large_finished },
    { title: "Net fuel", figure: true, sort: (one) => BigInt(one.net_fuel) },
  ];
  const cells = (one) => [
    folded(printable(one.name), () => pre(one.code)), one.is_chosen ? "★ chosen" : "", `${one.passes} of ${one.tests}`,
    String(one.large_finished), grouped(one.net_fuel),
  ];
  const mark = (one) => ({ current: one.is_chosen });
  return make("section", { "aria-label": "Candidates" }, make("h3", {}, "Programs that stood for choice"),
    table("Candidates", columns, all, cells, { mark, testid: "trace-candidates" }));
}

function programs({ optimized, direct }) {
  const one = (title, program) => program && [make("h3", {}, title), make("p", { class: "small" }, measuredText(program)), pre(program.code)];
  return make("section", { "aria-label": "Programs" }, one("The recipe's program", optimized), one("What the model writes when simply asked", direct));
}
