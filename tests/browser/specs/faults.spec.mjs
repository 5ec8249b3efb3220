// A guest that does not come as it should: the page says what is wrong, and the next run after it is mended works.
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { CodePage } from '../support/code_page.mjs';
import { dist, serve } from '../support/host.mjs';
import { expect, test } from '../support/test.mjs';

const program = { language: 'python', source: 'def f():\n    return 42\n', entry: 'f' };
const { guests } = JSON.parse(readFileSync(join(dist, 'guests/tab.json'), 'utf8'));
const bundle = `guests/${guests.find(({ language }) => language === 'python').bundle.file}`;
const size = statSync(join(dist, bundle)).size;

const page404 = (response) => response.writeHead(404, { 'content-type': 'text/plain' }).end('not found');
const html200 = (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Welcome</title>');
const damaged = (response) => {
  const bytes = readFileSync(join(dist, bundle));
  bytes[bytes.length >> 1] ^= 1;
  response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(bytes);
};
const cut = (response) => {
  response.writeHead(200, { 'content-length': size });
  createReadStream(join(dist, bundle), { end: Math.floor(size * 0.99) }).on('data', (chunk) => response.write(chunk)).on('end', () => response.destroy());
};
const longer = (response) => response.writeHead(200).end(Buffer.alloc(size + 10));

const faulty = [
  ['404', page404, /could not be fetched.*404/],
  ['HTML at 200', html200, /other content than its digest/],
  ['one bit wrong', damaged, /other content than its digest/],
  ['cut at 99 %', cut, /could not be fetched/],
  ['too long', longer, /more than its/],
];

test('each fault of a guest download is named, and the run after it is mended works', async ({ page, faults }) => {
  test.setTimeout(180_000);
  faults.allow(/Failed to load resource|ERR_/);
  const host = await serve();
  for (const [name, answer, sentence] of faulty) {
    const code = await new CodePage(page, host.base).open();
    await page.evaluate(() => caches.delete('frugal-guests-1'));
    await page.reload();
    host.fault = (path, response) => path === bundle && (answer(response), true);
    await code.put(program);
    await code.run();
    await expect(code.get('failed-a'), name).toContainText(sentence);
    await expect(code.get('failed-a')).toContainText(/again|reload/i);
    host.fault = () => false;
    await code.run();
    expect(await code.ended()).toBe('finished');
    await expect(code.get('value-a')).toHaveText('42');
  }
  await host.stop();
});

test('a download shows how far it is, and Stop ends the wait', async ({ page }) => {
  const host = await serve();
  host.fault = (path, response) => {
    if (path !== bundle) return false;
    response.writeHead(200, { 'content-length': size });
    createReadStream(join(dist, bundle), { end: size >> 1 }).on('data', (chunk) => response.write(chunk));
    return true;
  };
  const code = await new CodePage(page, host.base).open();
  await code.put(program);
  await code.run();
  await expect(code.get('download')).toContainText(/Fetching python: [1-9].* of .*MB/);
  await code.get('stop').click();
  await expect(code.get('stopped-a')).toBeVisible();
  await expect(code.get('download')).toHaveCount(0);
  await host.stop();
});

test('a page without guests offers what it can run, and says what it cannot', async ({ page, faults }) => {
  faults.allow(/status of 404/);
  const host = await serve({ fault: (path, response) => path.startsWith('guests/') && (page404(response), true) });
  const code = await new CodePage(page, host.base).open();
  await code.put(program);
  await code.run();
  await expect(code.get('failed-a')).toContainText(/guest/);
  const report = await code.measure({ language: 'wat', source: '(module (func (export "f")))', entry: 'f' });
  expect(report.outcome).toBe('finished');
  await host.stop();
});
