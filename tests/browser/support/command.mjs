// The `frugal` command, and the server that it starts.
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { dist, root } from './host.mjs';

export const command = process.env.FRUGAL_BIN ?? join(root, 'target/debug/frugal');
const guests = join(root, 'public/guests');

/** A folder that is gone when `free` is called. */
export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'frugal-'));
  return { folder, free: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Runs the command; gives exit code and both streams. */
export function frugal(...options) {
  return new Promise((resolve) => {
    execFile(command, options, { encoding: 'utf8', maxBuffer: 256 << 20 }, (error, stdout, stderr) => {
      resolve({ code: error ? error.code : 0, stdout, stderr });
    });
  });
}

const endings = { python: 'py', javascript: 'js', wat: 'wat' };

/** `frugal run --json`: the report, or `{ failed }` with what it said when it refused the request. */
export async function measure({ language, source, entry, args = '[]', stdin = '', limits = {}, more = [] }) {
  const { folder, free } = temporaryFolder();
  try {
    const file = join(folder, `main.${endings[language]}`);
    writeFileSync(file, source);
    const input = join(folder, 'input');
    writeFileSync(input, stdin);
    const how = entry === undefined ? ['--stdin', input] : ['--entry', entry, '--args', args];
    const most = Object.entries(limits).flatMap(([name, value]) => [`--${name.replaceAll('_', '-')}`, String(value)]);
    const { code, stdout, stderr } = await frugal('run', file, ...how, ...most, '--guests', guests, '--json', ...more);
    return code === 0 || code === 1 ? JSON.parse(stdout) : { failed: stderr };
  } finally {
    free();
  }
}

/** Starts `frugal serve` with the built page, on a port of its own and an empty data folder. */
export async function startServer(...more) {
  const { folder, free } = temporaryFolder();
  const options = ['serve', '--listen', '127.0.0.1:0', '--static', dist, '--data', folder, '--guests', guests, ...more];
  const child = spawn(command, options, { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const origin = await new Promise((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text) => {
      log += text;
      const address = log.match(/serving on (http:\/\/\S+?);/);
      if (address) resolve(address[1]);
    });
    ended.then((code) => reject(new Error(`frugal serve ended with ${code}:\n${log}`)));
  });
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    free();
  };
  return { origin, base: `${origin}/`, stop };
}

/** `POST /api/run`: the report, or `{ failed }` with what the server said. */
export async function measureOnServer(origin, { language, source, entry, args = '[]', stdin = '', limits = {}, more = [] }) {
  const input = entry === undefined
    ? `"stdin":${JSON.stringify(stdin)}`
    : `"entry":${JSON.stringify(entry)},"arguments":${args}`;
  const body = `{"language":"${language}","source":${JSON.stringify(source)},${input},"limits":${JSON.stringify(limits)}}`;
  const response = await fetch(`${origin}/api/run`, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
  return response.ok ? response.json() : { failed: await response.text() };
}
