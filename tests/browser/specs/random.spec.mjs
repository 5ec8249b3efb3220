// Random modules: Chromium counts what the native engine counted.
//
// The folder is written by the test `random` of frugal-instrument; `cargo xtask test` sees that it is there.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join, normalize } from 'node:path';

import { root } from '../support/host.mjs';
import { expect, test } from '../support/test.mjs';

const dump = process.env.FRUGAL_RANDOM_DUMP ?? join(root, 'target/random');

/** The modules, and the replay that node runs too, on one plain host without the page. */
function serveDump() {
  const server = createServer((request, response) => {
    const name = normalize(decodeURIComponent(request.url)).slice(1);
    if (!name) return response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><link rel="icon" href="data:,">');
    const script = name === 'replay.mjs';
    const type = script ? 'text/javascript' : 'application/octet-stream';
    const file = script ? join(root, 'tests/bench/replay.mjs') : join(dump, name);
    return response.writeHead(200, { 'content-type': type }).end(readFileSync(file));
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

test('random modules cost in Chromium what the native engine says, and give the same bits', async ({ page }) => {
  const server = await serveDump();
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  const { modules, units, differences } = await page.evaluate(async () => {
    const { replayCase } = await import('/replay.mjs');
    const cases = await (await fetch('/cases.json')).json();
    const differences = [];
    let units = 0n;
    // A few at a time: the modules are small, so it is the requests that take the time.
    const replay = async (expected) => {
      const sentence = await replayCase(expected, await (await fetch(`/${expected.file}`)).arrayBuffer());
      if (sentence) differences.push(sentence);
      units += BigInt(expected.fuel);
    };
    const queue = [...cases];
    await Promise.all(Array.from({ length: 8 }, async () => {
      while (queue.length > 0) await replay(queue.pop());
    }));
    return { modules: cases.length, units: units.toString(), differences: differences.slice(0, 20) };
  });
  server.closeAllConnections();
  server.close();
  console.log(`${modules} random modules, ${units} units`);
  expect(differences).toEqual([]);
  expect(modules).toBeGreaterThanOrEqual(2_000);
  expect(Number(units)).toBeGreaterThan(modules * 20);
});
