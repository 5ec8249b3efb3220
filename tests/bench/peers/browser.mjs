// Chromium, and contenders in workers of one page.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join, resolve, sep } from 'node:path';
import { here, root, modelsFolder, webFolder } from './prepare.mjs';

const TYPES = { '.mjs': 'text/javascript', '.js': 'text/javascript', '.wasm': 'application/wasm' };
const PAGE = `<!doctype html><title>race</title><script type="module">
const workers = [];
let numbers = 0;
const waiting = new Map();
window.ask = (at, ask, value) => new Promise((done, failed) => {
  workers[at] ??= new Worker('/peers/worker.mjs', { type: 'module' });
  workers[at].onerror = (event) => failed(new Error(event.message));
  workers[at].onmessage = ({ data }) => {
    const [done, failed] = waiting.get(data.number);
    if (data.error) failed(new Error(data.error));
    else done(data.value);
  };
  waiting.set(numbers, [done, failed]);
  workers[at].postMessage({ number: numbers++, ask, value });
});
window.ready = true;
</script>`;

async function serve() {
  const folders = {
    peers: here,
    ort: join(here, 'node_modules/onnxruntime-web/dist'),
    models: modelsFolder,
    ours: webFolder,
  };
  const server = createServer(async (request, response) => {
    // Both headers together give the page a clock of 5 microseconds.
    response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
    response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
    const [, first, ...rest] = new URL(request.url, 'http://127.0.0.1').pathname.split('/');
    if (first === '') return response.setHeader('Content-Type', 'text/html').end(PAGE);
    const folder = folders[first];
    const path = folder && resolve(folder, rest.join('/'));
    if (!path?.startsWith(folder + sep)) return response.writeHead(404).end();
    response.setHeader('Content-Type', TYPES[path.slice(path.lastIndexOf('.'))] ?? 'application/octet-stream');
    readFile(path).then((bytes) => response.end(bytes), () => response.writeHead(404).end());
  });
  await new Promise((done) => server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', done));
  return server;
}

/** Opens a tab; `contender(at, options)` loads one in a worker of its own, with what it may be asked for. */
export async function openTab() {
  const { chromium } = await import(join(root, 'tests/browser/node_modules/@playwright/test/index.mjs'));
  const server = await serve();
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--no-first-run', '--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'],
  });
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  await page.waitForFunction('window.ready');
  const ask = (at, what, value) => page.evaluate(([at, what, value]) => window.ask(at, what, value), [at, what, value]);
  let count = 0;
  return {
    version: `Chromium ${browser.version()}`,
    contender: async (options) => {
      const at = count++;
      const about = await ask(at, 'load', options);
      return { ...about, round: (tokens) => ask(at, 'round', tokens), streaming: () => ask(at, 'streaming') };
    },
    close: async () => {
      await browser.close();
      server.close();
      server.closeAllConnections();
    },
  };
}
