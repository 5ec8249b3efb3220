// Starts the page. The names in double underscores are filled in by hooks/shell.mjs.
import init from "./__PAGE_JS__";

// What Rust cannot say: dynamic imports and the service worker's life.
globalThis.frugal = {
  loadEditor: () => import("./__EDITOR_JS__"),
  page,
  loadChart: () => import("./__CHART_JS__"),
  loadProfile: () => import("./__PROFILE_JS__"),
  loadReport: () => import("./__REPORT_JS__"),
  loadWriter: () => import("./__WRITER_JS__"),
  /** The guests shipped with this page: language, version, digest, size. */
  guests: () => JSON.parse(`__GUESTS__`),
  parse: (text) => JSON.parse(text),
  viewOf,
  workerModule: () => new URL("./__WORKER_JS__", import.meta.url).href,
  workerWasm: () => new URL("./__WORKER_WASM__", import.meta.url).href,
  modelWorkerModule: () => new URL("./__MODEL_WORKER_JS__", import.meta.url).href,
  modelWorkerWasm: () => new URL("./__MODEL_WORKER_WASM__", import.meta.url).href,
  modelWorkerBytes: () => __MODEL_WORKER_BYTES__,
  versionReady: () => waiting !== null,
  /** Asks the waiting version to take over; the page reloads when it has. */
  switchVersion: () => waiting?.postMessage("switch"),
};

let waiting = null;

/** The pages that are modules of their own: script and WebAssembly. */
const PAGES = JSON.parse(`__PAGES__`);
const modules = {};

/** The module of a page, fetched when it is first asked for. */
function page(name) {
  const [script, wasm] = PAGES[name];
  modules[name] ??= (async () => {
    const module = await import(script);
    await module.default({ module_or_path: new URL(wasm, import.meta.url) });
    return module;
  })();
  // A failed fetch is tried again the next time.
  modules[name].catch(() => delete modules[name]);
  return modules[name];
}

// Who arrives at such a page waits for both at once. A failure is told by the room for it.
const named = location.pathname.match(/([a-z]+)\/(?:index\.html)?$/)?.[1];
if (Object.hasOwn(PAGES, named)) page(named).catch(() => {});

/** A server's run report in the shape of wire's `RunView`: every count of fuel a BigInt. Throws on another schema. */
function viewOf(text) {
  const { schema, ...run } = JSON.parse(text);
  if (schema !== "frugal.run/1") throw new Error(`the server speaks another version (${schema})`);
  for (const name of ["net_fuel", "raw_fuel", "baseline_fuel"]) run[name] = BigInt(run[name]);
  for (const name of ["fuel", "setup_fuel"]) run.limits[name] = BigInt(run.limits[name]);
  run.value = run.value?.text;
  if (run.error) run.error = { kind: run.error.type, message: run.error.message, traceback: run.error.traceback };
  return run;
}

function offer(worker) {
  waiting = worker;
  dispatchEvent(new CustomEvent("frugal-version-ready"));
}

function watch(registration) {
  if (!registration) return;
  if (registration.waiting && workers.controller) offer(registration.waiting);
  registration.addEventListener("updatefound", () => {
    const next = registration.installing;
    next?.addEventListener("statechange", () => {
      if (next.state === "installed" && workers.controller) offer(next);
    });
  });
}

/** Service workers, where this page may have one: not without a secure context, not in a frame without an origin. */
function serviceWorkers() {
  try {
    return navigator.serviceWorker ?? null;
  } catch {
    return null;
  }
}

const workers = "__SERVICE_WORKER__" ? serviceWorkers() : null;
if (workers) {
  // A page is wholly of one version: when another version takes control, start again from it.
  let controlled = Boolean(workers.controller);
  workers.addEventListener("controllerchange", () => {
    if (controlled) location.reload();
    controlled = true;
  });
  workers.register(new URL("__SERVICE_WORKER__", document.baseURI)).then(watch, () => {
    // Without a service worker the page still works; only the offline visit is lost.
  });
}

try {
  await init({ module_or_path: new URL("./__PAGE_WASM__", import.meta.url) });
} catch (error) {
  globalThis.frugalCannotStart(error);
}
