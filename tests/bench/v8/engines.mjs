// Runs one measuring script in Node's V8 by processor time, and in Chromium's by the clock.
// The script exports `run(read, clock, say)`: `read(name)` gives a file of the folder as bytes.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const chromium = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
const LIMIT_MS = 600_000;

/** Measures in both engines and prints what `script` says. */
export async function inBothEngines(script, folder) {
  console.log(`Node ${process.version}, V8 ${process.versions.v8}, processor time`);
  // Node 20 knows extended constant expressions by a flag only; newer versions ignore it.
  await child(process.execPath, ['--experimental-wasm-extended-const', fileURLToPath(import.meta.url), script, folder]);
  if (!existsSync(chromium)) {
    console.log(`skipped: Chromium is not at ${chromium}; name another by CHROMIUM_PATH`);
    return;
  }
  await inChromium(script, folder);
}

function child(command, args) {
  return new Promise((done, failed) => {
    const started = spawn(command, args, { stdio: 'inherit' });
    started.on('error', failed);
    started.on('exit', (code) => (code === 0 ? done() : failed(new Error(`${command} ended with ${code}`))));
  });
}

const worker = `
const post = (path, body) => fetch(path, { method: 'POST', body });
const read = async (name) => {
  const answer = await fetch('/files/' + name);
  if (!answer.ok) throw new Error('no file ' + name);
  return new Uint8Array(await answer.arrayBuffer());
};
self.onmessage = async ({ data }) => {
  try {
    const { run } = await import('/v8/' + data);
    await run(read, () => performance.now(), (line) => post('/say', line), '/files/');
    await post('/done', '');
  } catch (error) {
    await post('/done', String(error?.stack ?? error));
  }
};`;

async function inChromium(script, folder) {
  const profile = await mkdtemp(join(tmpdir(), 'frugal-bench-'));
  const types = { '.mjs': 'text/javascript', '.js': 'text/javascript', '.wasm': 'application/wasm' };
  let finish;
  const finished = new Promise((done) => (finish = done));
  const server = createServer(async (request, response) => {
    // Both headers together give the page a clock of 5 microseconds.
    response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
    response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
    const { pathname } = new URL(request.url, 'http://127.0.0.1');
    const answer = (type, body) => response.setHeader('Content-Type', type).end(body);
    if (request.method === 'POST') {
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      const text = Buffer.concat(chunks).toString();
      if (pathname === '/say') console.log(text);
      response.end();
      if (pathname === '/done') finish(text);
    } else if (pathname === '/') {
      const start = `new Worker('/worker.mjs', { type: 'module' }).postMessage(${JSON.stringify(script)})`;
      answer('text/html', `<!doctype html><title>bench</title><script type="module">${start}</script>`);
    } else if (pathname === '/worker.mjs') {
      answer('text/javascript', worker);
    } else {
      const [root, name] = pathname.startsWith('/files/') ? [folder, pathname.slice(7)] : [here, pathname.slice(4)];
      const path = resolve(root, name);
      const type = types[name.slice(name.lastIndexOf('.'))] ?? 'application/octet-stream';
      if (!path.startsWith(resolve(root) + sep)) return response.writeHead(404).end();
      readFile(path).then((bytes) => answer(type, bytes), () => response.writeHead(404).end());
    }
  });
  await new Promise((done) => server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', done));
  const address = `http://127.0.0.1:${server.address().port}/`;
  const browser = spawn(chromium, ['--headless=new', '--no-sandbox', '--disable-gpu', '--no-first-run',
    `--user-data-dir=${profile}`, address], { stdio: 'ignore' });
  const version = await new Promise((done) => {
    server.once('request', (request) => done(/Chrome\/\S+/.exec(request.headers['user-agent'])?.[0]));
    browser.on('error', () => done(undefined));
    browser.on('exit', () => finish('Chromium ended'));
  });
  console.log(`Chromium's V8, ${version}, wall time`);
  const timer = setTimeout(() => finish('no answer within ten minutes'), LIMIT_MS);
  const failure = await finished;
  clearTimeout(timer);
  browser.kill();
  server.close();
  server.closeAllConnections();
  await rm(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  if (failure) throw new Error(`in Chromium: ${failure}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [script, folder] = process.argv.slice(2);
  const { run } = await import(pathToFileURL(join(here, script)));
  const base = pathToFileURL(resolve(folder) + sep).href;
  await run((name) => readFile(join(folder, name)), () => process.cpuUsage().user / 1000, console.log, base);
}
