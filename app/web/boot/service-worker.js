// Keeps one whole version of the page. Filled in by hooks/shell.mjs: a version never mixes with another,
// because each has its own cache and a new one waits until the old pages are gone or ask for it.
const VERSION = "__VERSION__";
const FILES = __FILES__;
const CACHE = `frugal-shell-${VERSION}`;
const SCOPE = new URL(self.registration.scope);

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches.open(CACHE).then((cache) =>
      // Past the browser's own cache: unhashed files must be of this version.
      cache.addAll(FILES.map((name) => new Request(new URL(name, SCOPE), { cache: "reload" })))),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) {
        if (name.startsWith("frugal-shell-") && name !== CACHE) await caches.delete(name);
      }
      await self.clients.claim();
    })(),
  );
});

self.addEventListener("message", (event) => {
  if (event.data === "switch") self.skipWaiting();
});

/** The start page with its base set to the scope, so that it serves every address below it. */
async function page() {
  const cached = await (await caches.open(CACHE)).match(SCOPE, { ignoreVary: true });
  if (!cached) return null;
  const text = (await cached.text()).replace(/<base href="[^"]*"/, `<base href="${SCOPE.pathname}"`);
  const headers = new Headers(cached.headers);
  headers.delete("content-encoding");
  headers.delete("content-length");
  // The page carries its policy in a meta tag; a header would be that of a fetch, not of a page.
  headers.delete("content-security-policy");
  headers.set("content-type", "text/html; charset=utf-8");
  return new Response(text, { status: 200, headers });
}

async function answer(request, path) {
  if (request.mode === "navigate" && !/\.[^/]+$/.test(path)) return (await page()) ?? fetch(request);
  const kept = (cacheName) => caches.match(request.url, { cacheName, ignoreVary: true });
  // The worker keeps the guests by digest; the script of one is fetched by its address.
  return (await kept(CACHE)) ?? (path.startsWith("guests/") ? await kept("frugal-guests-1") : undefined) ?? fetch(request);
}

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== SCOPE.origin || !url.pathname.startsWith(SCOPE.pathname)) return;
  const path = url.pathname.slice(SCOPE.pathname.length);
  if (/^(api|v1)(\/|$)/.test(path)) return;
  event.respondWith(answer(event.request, path));
});
