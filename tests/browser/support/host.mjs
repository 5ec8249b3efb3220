// A dumb static host: files under a sub-path, nothing clever, as many free hosts are. Faults are put in on purpose.
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');
export const dist = process.env.FRUGAL_DIST ?? join(root, 'dist');

const types = {
  '.css': 'text/css',
  '.csv': 'text/csv',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
};

/** The file that a path below the folder means: an index for a folder, nothing for anything else. */
function find(folder, path) {
  const file = join(folder, normalize(path));
  if (!file.startsWith(folder) || !existsSync(file)) return null;
  if (!statSync(file).isDirectory()) return file;
  const index = join(file, 'index.html');
  return existsSync(index) ? index : null;
}

/**
 * Serves a built page under `/frugal/`.
 *
 * @param {object} [options]
 * @param {string} [options.folder] the built page.
 * @param {Record<string, string>} [options.headers] sent with every answer.
 * @param {(path: string, response: import('node:http').ServerResponse) => boolean} [options.fault] answers in place of
 *   the host where it returns true; `path` is relative to the page.
 * @returns the address, what may be changed while it serves (`folder`, `headers`, `fault`), the paths asked for, `stop`.
 */
export async function serve({ folder = dist, headers = {}, fault = () => false } = {}) {
  const host = { folder, headers, fault, asked: [] };
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url, 'http://localhost').pathname);
    const inside = path.startsWith('/frugal/') ? path.slice('/frugal/'.length) : null;
    host.asked.push(inside ?? path);
    if (inside !== null && host.fault(inside, response)) return;
    const file = inside === null ? null : find(host.folder, inside);
    if (!file) {
      // As static hosts do: the page for lost visitors, where there is one.
      const lost = inside !== null && !extname(inside) && find(host.folder, '404.html');
      response.writeHead(404, { 'content-type': lost ? types['.html'] : 'text/plain', ...host.headers });
      if (lost) createReadStream(lost).pipe(response);
      else response.end('not found');
      return;
    }
    const type = types[extname(file)] ?? (inside === 'api/health' ? types['.json'] : 'application/octet-stream');
    response.writeHead(200, { 'content-type': type, 'content-length': statSync(file).size, ...host.headers });
    createReadStream(file).pipe(response);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${server.address().port}`;
  const stop = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return Object.assign(host, { origin, base: `${origin}/frugal/`, stop });
}
