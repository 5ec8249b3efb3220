// The parity models as a hub lays them out.
import { createReadStream, statSync } from 'node:fs';
import { extname, join } from 'node:path';

import { root } from './host.mjs';

export const parity = join(root, 'tests/vectors/parity');
export const missing = (response) => response.writeHead(404, { 'content-type': 'text/plain' }).end('not found');

/** Puts the parity models under `hub/` of a host; `change` may answer in its place. Returns the hub's address. */
export function hub(host, change = () => false) {
  host.fault = (path, response) => {
    if (!path.startsWith('hub/')) return false;
    if (change(path, response)) return true;
    const file = join(parity, path.slice('hub/'.length));
    try {
      const type = extname(file) === '.json' ? 'application/json' : 'application/octet-stream';
      response.writeHead(200, { 'content-type': type, 'content-length': statSync(file).size });
      createReadStream(file).pipe(response);
    } catch {
      missing(response);
    }
    return true;
  };
  return `${host.base}hub/`;
}
