// Starts the page. The names in double underscores are filled in by hooks/shell.mjs.
import init from "./__PAGE_JS__";

// What Rust cannot say: dynamic imports and the service worker's life.
globalThis.frugal = {
  loadEditor: () => import("./__EDITOR_JS__"),
  /** The guests shipped with this page: language, version, digest, size. */
  guests: () => `__GUESTS__`,
  workerModule: () => new URL("./__WORKER_JS__", import.meta.url).href,
  workerWasm: () => new URL("./__WORKER_WASM__", import.meta.url).href,
  /** Asks the waiting version to take over; the page reloads when it has. */
  switchVersion: () => waiting?.postMessage("switch"),
};

let waiting = null;

function offer(worker) {
  waiting = worker;
  dispatchEvent(new CustomEvent("frugal-version-ready"));
}

function watch(registration) {
  if (!registration) return;
  if (registration.waiting && navigator.serviceWorker.controller) offer(registration.waiting);
  registration.addEventListener("updatefound", () => {
    const next = registration.installing;
    next?.addEventListener("statechange", () => {
      if (next.state === "installed" && navigator.serviceWorker.controller) offer(next);
    });
  });
}

if ("__SERVICE_WORKER__" && "serviceWorker" in navigator && window.isSecureContext) {
  // A page is wholly of one version: when another version takes control, start again from it.
  let controlled = Boolean(navigator.serviceWorker.controller);
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (controlled) location.reload();
    controlled = true;
  });
  navigator.serviceWorker.register(new URL("__SERVICE_WORKER__", document.baseURI)).then(watch, () => {
    // Without a service worker the page still works; only the offline visit is lost.
  });
}

await init({ module_or_path: new URL("./__PAGE_WASM__", import.meta.url) });
