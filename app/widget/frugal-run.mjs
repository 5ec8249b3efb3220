// `<frugal-run>`: code with a Run button and what it costs, for any page of any site.
//
//   <script type="module" src="https://HOST/frugal/widget/frugal-run.js"></script>
//   <frugal-run language="python" entry="f" arguments="[10]">def f(n):
//       return sum(range(n))</frugal-run>
//
// In Markdown a fenced block between the tags, with a blank line around it, does the same and stays readable without
// JavaScript; its language is taken over.
//
// Attributes: `language` (python, javascript or wat), `entry` and `arguments` (a JSON array), or `stdin` for a whole
// program; `editable`; `label`; `fuel` and `wall-ms` as limits. All widgets of a page share one worker, which is fetched
// at the first Run. Code that runs here touches nothing of the page: it is WebAssembly without imports, in a worker.
// hooks/shell.mjs fills in the names in double underscores.

const WIRE_VERSION = __WIRE_VERSION__;
const WORKER_TEXT = __WORKER_TEXT__;
const BASE = new URL("../", import.meta.url);
const WORKER_MODULE = new URL("__WORKER_JS__", BASE).href;
const WORKER_WASM = new URL("__WORKER_WASM__", BASE).href;

/** As `frugal_wire::Limits::default()`. */
const LIMITS = {
  fuel: 10_000_000_000n, setup_fuel: 10_000_000_000n, memory_bytes: 536_870_912n, output_bytes: 16_777_216n,
  call_depth: 10_000, wall_ms: 60_000n,
};
const LANGUAGES = ["python", "javascript", "wat"];
/** What an outcome means, after `frugal_ui::outcome_words`. */
const OUTCOMES = {
  finished: "Finished", out_of_fuel: "Out of fuel", out_of_memory: "Out of memory", out_of_depth: "Nested too deeply",
  output_too_large: "Too much output", past_deadline: "Past its time limit", trapped: "Trapped", guest_error: "Raised an error",
  rejected: "Refused",
};

const styles = new CSSStyleSheet();
styles.replaceSync(`
  :host { display: block; margin: 1em 0; color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif;
    --ink: light-dark(#1b1d20, #ececee); --muted: light-dark(#5b5e63, #a6a8ad); --line: light-dark(#dfdcd4, #34373c);
    --surface: light-dark(#ffffff, #1b1d20); --accent: light-dark(#0d6b50, #63cba4); --bad: light-dark(#a3271c, #f29b90);
    color: var(--ink); }
  :host([hidden]) { display: none; }
  .box { border: 1px solid var(--line); border-radius: 8px; background: var(--surface); overflow: hidden; }
  pre, textarea { margin: 0; padding: 0.8em; box-sizing: border-box; width: 100%; font: 0.875rem/1.55 ui-monospace, monospace;
    color: inherit; background: transparent; border: 0; white-space: pre; overflow-x: auto; tab-size: 4; }
  textarea { resize: vertical; display: block; }
  .bar { display: flex; flex-wrap: wrap; gap: 0.4em 0.9em; align-items: center; padding: 0.5em 0.8em; border-top: 1px solid var(--line); }
  button { font: inherit; font-size: 0.9rem; padding: 0.25em 0.9em; border-radius: 6px; border: 1px solid var(--line); background: transparent; color: inherit; cursor: pointer; }
  button.run { background: var(--accent); border-color: var(--accent); color: light-dark(#ffffff, #10241d); }
  button:disabled { opacity: 0.5; cursor: default; }
  button:focus-visible, textarea:focus-visible { outline: 2px solid var(--accent); outline-offset: -2px; }
  .fuel { font: 600 1.05rem ui-monospace, monospace; }
  .muted { color: var(--muted); font-size: 0.875rem; }
  .bad { color: var(--bad); }
  .out { padding: 0 0.8em 0.6em; }
  .out pre { padding: 0.4em 0; white-space: pre-wrap; overflow-wrap: anywhere; max-height: 16em; overflow-y: auto; }
`);

/** The one worker of all widgets here. */
class Engine {
  #worker = null;
  #listeners = new Map();
  #last = 0;

  #start() {
    const address = URL.createObjectURL(new Blob([WORKER_TEXT], { type: "text/javascript" }));
    const worker = new Worker(address, { name: "frugal-coordinator" });
    worker.onmessage = ({ data }) => this.#hear(data);
    worker.onerror = (event) => {
      event.preventDefault();
      this.#end(event.message ? `The worker crashed (${event.message}).` : "The browser did not start a worker.");
    };
    worker.postMessage({ module_url: WORKER_MODULE, wasm: WORKER_WASM, role: "coordinator" });
    worker.postMessage({ start: { wire_version: WIRE_VERSION, base_url: BASE.href, runners: 1 } });
    this.#worker = worker;
  }

  #end(message) {
    this.#worker?.terminate();
    this.#worker = null;
    const waiting = [...this.#listeners.values()];
    this.#listeners.clear();
    for (const listen of waiting) listen({ failed: { message, hint: "Run again: a fresh worker starts then." } });
  }

  #hear(message) {
    const [[kind, body]] = Object.entries(message);
    if (kind === "guest_download") {
      for (const listen of this.#listeners.values()) listen(message);
    } else if (kind === "failed" && body.id === undefined) {
      this.#end(`${body.message}. ${body.hint}`);
    } else if (body?.id !== undefined) {
      const listen = this.#listeners.get(body.id);
      if (kind !== "progress") this.#listeners.delete(body.id);
      listen?.(message);
    }
  }

  /** Runs a program; `listen` hears every message about it. Returns its number. */
  run(program, limits, listen) {
    if (!this.#worker) this.#start();
    this.#last += 1;
    this.#listeners.set(this.#last, listen);
    this.#worker.postMessage({ run: { id: this.#last, program, limits } });
    return this.#last;
  }

  cancel(id) {
    if (this.#listeners.has(id)) this.#worker.postMessage({ cancel: { id } });
  }
}

const engine = new Engine();

/** The text between the tags, without the blank first line and the indentation that all lines share. */
function dedented(text) {
  const lines = text.replace(/^[ \t]*\n/, "").replace(/\s+$/, "").split("\n");
  const indents = lines.filter((line) => line.trim()).map((line) => line.match(/^[ \t]*/)[0].length);
  const shared = Math.min(...indents, Infinity);
  return lines.map((line) => line.slice(Number.isFinite(shared) ? shared : 0)).join("\n");
}

/** An element with text, never markup: what a program printed is hostile. */
function element(tag, className, text = "") {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.textContent = text;
  return made;
}

const grouped = (units) => units.toLocaleString("en").replaceAll(",", "\u202f");

class FrugalRun extends HTMLElement {
  #job = null;
  #code = null;
  #ui = null;

  connectedCallback() {
    if (this.#ui) return;
    // The parser may not have reached the end tag yet.
    if (document.readyState === "loading") {
      document.addEventListener("DOMContentLoaded", () => this.#draw(), { once: true });
    } else {
      this.#draw();
    }
  }

  disconnectedCallback() {
    if (this.#job !== null) engine.cancel(this.#job);
  }

  /** The code as it stands. */
  get code() {
    return this.#code?.value ?? this.#code?.textContent ?? this.#given();
  }

  /** The code between the tags: that of a code block where there is one, without what a site puts around it. */
  #given() {
    return dedented((this.querySelector("pre code, pre") ?? this).textContent);
  }

  #draw() {
    if (this.#ui || !this.isConnected) return;
    const source = this.#given();
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [styles];
    const label = this.getAttribute("label") ?? `${this.#language()} code`;
    this.#code = element(this.hasAttribute("editable") ? "textarea" : "pre", "code", source);
    this.#code.setAttribute("aria-label", label);
    if (this.hasAttribute("editable")) {
      Object.assign(this.#code, { rows: source.split("\n").length + 1, spellcheck: false, autocapitalize: "off" });
    } else {
      Object.assign(this.#code, { tabIndex: 0 });
      this.#code.setAttribute("role", "region");
    }
    this.#code.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.run();
      if (event.key === "Escape") this.stop();
    });
    const run = element("button", "run", "Run");
    const stop = element("button", "", "Stop");
    const status = element("span", "muted");
    const out = element("div", "out");
    stop.disabled = true;
    status.setAttribute("role", "status");
    run.addEventListener("click", () => this.run());
    stop.addEventListener("click", () => this.stop());
    const bar = element("div", "bar");
    bar.append(run, stop, status);
    const box = element("div", "box");
    box.append(this.#code, bar, out);
    root.append(box);
    this.#ui = { run, stop, status, out };
  }

  #language() {
    const block = this.querySelector("code[class*=language-]")?.className.match(/language-(\w+)/)?.[1];
    const language = this.getAttribute("language") ?? block ?? "python";
    return LANGUAGES.includes(language) ? language : null;
  }

  /** The program, or a sentence on what to mend. */
  #program() {
    const language = this.#language();
    if (!language) return `The attribute language is one of ${LANGUAGES.join(", ")}.`;
    const code = { text: { language, text: this.code } };
    if (this.hasAttribute("stdin")) return { code, input: { stdin: { text: this.getAttribute("stdin") } } };
    const entry = this.getAttribute("entry");
    if (!entry) return "Name the function in the attribute entry, or give stdin for a whole program.";
    return { code, input: { call: { entry, arguments_json: this.getAttribute("arguments") ?? "[]" } } };
  }

  #limits() {
    const limits = { ...LIMITS };
    for (const [attribute, field] of [["fuel", "fuel"], ["wall-ms", "wall_ms"]]) {
      const given = this.getAttribute(attribute);
      if (given === null) continue;
      if (!/^[1-9][0-9]{0,18}$/.test(given)) return `The attribute ${attribute} is a whole number above 0.`;
      limits[field] = BigInt(given);
    }
    return limits;
  }

  /** Runs the code. Does nothing while it runs. */
  run() {
    if (!this.#ui || this.#job !== null) return;
    const [program, limits] = [this.#program(), this.#limits()];
    const wrong = [program, limits].find((made) => typeof made === "string");
    if (wrong) return this.#fail(wrong);
    this.#ui.out.replaceChildren();
    this.#show("Starting");
    this.#busy(true);
    this.#job = engine.run(program, limits, (message) => this.#hear(message));
  }

  /** Stops the run under way. */
  stop() {
    if (this.#job !== null) engine.cancel(this.#job);
  }

  #busy(busy) {
    this.#ui.run.disabled = busy;
    this.#ui.stop.disabled = !busy;
    this.toggleAttribute("busy", busy);
  }

  #show(text, className = "muted") {
    this.#ui.status.replaceChildren(element("span", className, text));
  }

  #fail(text) {
    this.#ui.status.replaceChildren(element("span", "bad", text));
  }

  #hear(message) {
    const [[kind, body]] = Object.entries(message);
    if (kind === "guest_download") {
      const megabytes = (bytes) => (Number(bytes) / 1e6).toFixed(1);
      const words = { fetching: `Fetching ${body.language}: ${megabytes(body.received_bytes)} of ${megabytes(body.total_bytes)} MB`, compiling: `Compiling ${body.language}` };
      return this.#show(words[body.stage] ?? "Running");
    }
    if (kind === "progress") return this.#show(body.note || "Running");
    this.#job = null;
    this.#busy(false);
    if (kind === "cancelled") return this.#show("Stopped");
    if (kind === "failed") return this.#fail([body.message, body.hint].filter(Boolean).join(" "));
    this.#finish(body.view);
    this.dispatchEvent(new CustomEvent("frugal-run", { bubbles: true, detail: JSON.parse(body.report_json) }));
  }

  #finish(view) {
    const { status, out } = this.#ui;
    const fuel = element("span", "fuel", `${view.fuel_is_lower_bound ? "at least " : ""}${grouped(view.net_fuel)}`);
    fuel.title = `raw ${view.raw_fuel}, baseline ${view.baseline_fuel}`;
    const finished = view.outcome === "finished";
    const outcome = element("span", finished ? "" : "bad", `${finished ? "✓" : "✕"} ${OUTCOMES[view.outcome] ?? view.outcome}`);
    status.replaceChildren(fuel, " fuel  ", outcome);
    const parts = [
      [view.error && `${view.error.kind}: ${view.error.message}`, "bad"],
      [view.rejection, "bad"],
      [view.value !== undefined && `returned ${view.value}`, ""],
      [view.stdout, ""],
      [view.stderr, "bad"],
    ];
    out.replaceChildren(...parts.filter(([text]) => text).map(([text, className]) => element("pre", className, text)));
  }
}

if (!customElements.get("frugal-run")) customElements.define("frugal-run", FrugalRun);
