// "Let the model write it": the panel in which a shipped model writes a Python function into the editor.
//
// The worker is the Model page's own; what is said to it is wire's `ToModel`, what it answers wire's `FromModel`.
import { make, printable } from "../report/dom.mjs";

/** Tokens of prompt and answer together, and of the answer. A function is shorter. */
const CONTEXT = 512;
const TOKENS = 240;

/** Something to call a function with, by the name of a parameter; the person sees it in the field and may change it. */
const EXAMPLES = { limit: 3, text: "a model wrote this", letter: "t", n: 30, a: 48, b: 18, base: 2, exponent: 10 };
const NUMBERS = [3, 1, 4, 1, 5, 9, 2, 6];

const FIRST_LINE = /^(?:async\s+)?def\s+([A-Za-z_]\w*)\s*\(([^()]*)\)\s*(?:->[^:]*)?:$/;

const REASONS = {
  length: "Ended: a function of ours is shorter than that.",
  context_full: "Ended: no room is left for more.",
  cancelled: "Stopped.",
};

const size = (bytes) => (bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`);

/** What is asked of the model, or what to mend. Its tokenizer joins a line's end with the indentation that follows. */
function asked(task, first) {
  const words = task.trim().replace(/^#\s*/, "").replace(/\s+/g, " ");
  if (!words) return { problem: "Say what the function does." };
  const line = first.trim();
  const parts = line.match(FIRST_LINE);
  if (!parts) return { problem: "Give the first line as Python has it, such as def f(numbers):" };
  const names = parts[2].split(",").map((part) => part.split(/[:=]/)[0].trim()).filter(Boolean);
  const call = JSON.stringify(names.map((name) => EXAMPLES[name] ?? NUMBERS));
  return { prompt: `# ${words}${/[.!?]$/.test(words) ? "" : "."}\n${line}`, entry: parts[1], call };
}

/** The worker and the model in it, fetched with the first text. One question at a time. */
class Writer {
  constructor(door, model) {
    Object.assign(this, { door, model, worker: null, loaded: false, job: 0, hear: null });
  }

  /** Writes on from `prompt`; `hear` gets `FromModel` events, the last one ends it. */
  write(prompt, hear) {
    this.hear = hear;
    this.prompt = prompt;
    if (this.loaded) return this.generate();
    if (this.worker === null) {
      this.worker = this.door.spawn();
      this.worker.onmessage = ({ data }) => this.take(data);
      this.worker.onerror = (event) => {
        event.preventDefault();
        this.fail(`The worker crashed (${event.message ?? "no reason was given"}).`);
      };
      this.worker.postMessage({ start: { wire_version: this.door.wireVersion, base_url: this.door.baseUrl } });
    }
    // The worker takes messages in order.
    this.load();
  }

  load() {
    this.job += 1;
    const held = { backend: "cpu", weights: "f32", context: CONTEXT };
    this.worker.postMessage({ load: { id: this.job, place: { shipped: { name: this.model.name } }, held } });
  }

  generate() {
    this.job += 1;
    const how = { max_tokens: TOKENS, temperature: 0, top_k: undefined, top_p: 1, seed: 0n, stop: [] };
    this.worker.postMessage({ generate: { id: this.job, prompt: { text: this.prompt }, ...how } });
  }

  stop() {
    this.worker?.postMessage({ cancel: { id: this.job } });
  }

  take(event) {
    const [[name, body]] = Object.entries(event);
    if (name === "ready" && body.wire_version !== this.door.wireVersion) {
      this.fail("The page and its worker are of different versions. Reload the page.");
    } else if (name === "failed" && body.id === undefined) {
      this.fail(`${body.message}. ${body.hint}`);
    } else if (body?.id === this.job) {
      if (name === "loaded") {
        this.loaded = true;
        if (this.hear) this.generate();
      }
      this.tell(event);
    }
  }

  tell(event) {
    const { hear } = this;
    if (event.finished || event.cancelled || event.failed) {
      this.hear = null;
      // A device that is gone takes the model with it.
      if (event.failed) this.loaded = false;
    }
    hear?.(event);
  }

  /** Gives the worker up; the next text starts another. */
  fail(message) {
    this.end();
    this.tell({ failed: { message, hint: "" } });
  }

  end() {
    this.worker?.terminate();
    Object.assign(this, { worker: null, loaded: false });
  }
}

/** The first of the shipped models, with the size of its files; `null` where the page ships none. */
async function shipped(baseUrl) {
  const response = await fetch(new URL("models/manifest.json", baseUrl));
  if (!response.ok) throw new Error(`the host answered ${response.status}`);
  const [model] = (await response.json()).models;
  return model ? { ...model, bytes: model.files.reduce((all, file) => all + file.bytes, 0) } : null;
}

/** A labelled field; Enter in it is the press of `then`. */
function field(id, label, value, then, properties = {}) {
  const input = make("input", { id, "data-testid": id, autocomplete: "off", value, onkeydown: (event) => {
    if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) then();
  }, ...properties });
  return [input, make("div", { class: "field grow" }, make("label", { for: id }, label), input)];
}

/**
 * Opens the panel in `host`.
 *
 * @param {HTMLElement} host the room for it.
 * @param {object} door the page: `spawn()` gives a worker, `baseUrl`, `wireVersion` and `workerBytes` are of this build,
 *   `begin()` gives the text to write below, `write(text)` puts the whole text in the editor and says whether it is still
 *   ours to write, `end(entry, call)` makes it one step of the editor's history, `back()` undoes that, `run()` runs it.
 * @returns {Promise<{close: () => void}>}
 */
export async function open(host, door) {
  const model = await shipped(door.baseUrl);
  if (!model) {
    host.replaceChildren(make("p", { class: "notice warn", role: "status", "data-testid": "writer-absent" }, "This page ships no model."));
    return { close: () => host.replaceChildren() };
  }
  const writer = new Writer(door, model);
  const [comment, head] = model.example.split("\n");
  const [task, taskField] = field("writer-task", "What the function does", comment.replace(/^#\s*/, ""), () => write());
  const [first, firstField] = field("writer-first", "Its first line", head, () => write(), { class: "code", spellcheck: false });
  const button = (id, words, onclick, properties = {}) => make("button", { type: "button", "data-testid": id, onclick, ...properties }, words);
  const go = button("writer-write", "Write", () => write(), { class: "primary" });
  const stop = button("writer-stop", ["Stop ", make("kbd", { "aria-hidden": "true" }, "Esc")], () => writer.stop(), { disabled: true });
  const run = button("writer-run", "Run it", () => door.run(), { hidden: true });
  const back = button("writer-back", "Take it back", () => { door.back(); show({ done: false }); say("What stood there is back."); }, { hidden: true });
  const note = make("span", { class: "small muted", role: "status", "data-testid": "writer-note" });
  const bar = make("progress", { hidden: true, "aria-label": "Model" });
  const problem = make("p", { class: "notice bad", role: "alert", hidden: true, "data-testid": "writer-problem" });
  const say = (words) => { note.textContent = words; };
  const show = ({ busy = false, done = false, failed = "" }) => {
    const focused = document.activeElement;
    go.disabled = busy;
    stop.disabled = !busy;
    run.hidden = back.hidden = !done;
    bar.hidden = true;
    problem.hidden = !failed;
    problem.textContent = printable(failed);
    // The keyboard goes on where a button went out under it.
    if (focused === go && busy) stop.focus();
    if (focused === stop && !busy) (done ? run : go).focus();
  };
  let job = null;
  const finish = (reason, rest) => {
    const { entry, call } = job;
    const text = job.text + rest;
    const kept = text !== "";
    if (kept) door.write(`${(job.below + job.prompt + text).trimEnd()}\n`);
    door.end(kept ? entry : "", kept ? call : "");
    job = null;
    show({ done: kept });
    say(kept ? `${REASONS[reason] ?? "Written."} One step of Undo takes it back.` : REASONS.cancelled);
  };
  const hear = ({ loading, loaded, text, finished, cancelled, failed }) => {
    if (loading) {
      say(`${loading.note} …`);
      bar.hidden = false;
      const total = Number(loading.total_bytes);
      if (total > 0) Object.assign(bar, { max: total, value: Number(loading.done_bytes) });
      else bar.removeAttribute("value");
    } else if (loaded) {
      bar.hidden = true;
      say("Writing …");
    } else if (text) {
      job.text += text.text;
      if (!door.write(job.below + job.prompt + job.text)) writer.stop();
    } else if (finished) {
      finish(finished.reason, finished.text);
    } else if (cancelled) {
      finish("cancelled", "");
    } else if (failed) {
      door.end("", "");
      job = null;
      show({ failed: `${failed.message}. ${failed.hint}`.replace(/\.\. /, ". ") });
      say("");
    }
  };
  const write = () => {
    if (job) return;
    const question = asked(task.value, first.value);
    if (question.problem) {
      show({ failed: question.problem });
      return;
    }
    show({ busy: true });
    say("Writing …");
    job = { ...question, text: "", below: door.begin() };
    writer.write(question.prompt, hear);
  };
  const panel = make("section", { class: "panel", "aria-label": "The model writes", "data-testid": "writer", onkeydown: (event) => {
    if (event.key !== "Escape" || !job) return;
    event.stopPropagation();
    writer.stop();
  } },
    make("p", { class: "small muted", "data-testid": "writer-size" },
      `${model.title}: ${model.about} It writes on the processor of this machine: the first time fetches ${size(model.bytes)}, and ${size(door.workerBytes)} for the engine, then both are kept here.`),
    make("div", { class: "model-fields" }, taskField, firstField),
    make("div", { class: "row" }, go, stop, run, back, note),
    bar, problem);
  host.replaceChildren(panel);
  task.focus();
  return {
    close() {
      if (job) finish("cancelled", "");
      writer.end();
      host.replaceChildren();
    },
  };
}
