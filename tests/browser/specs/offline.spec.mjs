// The second visit needs no network, and a new version of the page never mixes with the old one.
import { cpSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { temporaryFolder } from '../support/command.mjs';
import { CodePage } from '../support/code_page.mjs';
import { dist, serve } from '../support/host.mjs';
import { expect, test } from '../support/test.mjs';

const program = { language: 'python', source: 'def f(n):\n    return n * 2\n', entry: 'f', args: '[21]' };

/** Waits until the page's files are kept. */
const kept = (page) => page.evaluate(async () => {
  const registration = await navigator.serviceWorker.ready;
  while (registration.active?.state !== 'activated') await new Promise((resolve) => setTimeout(resolve, 20));
});

test('after one visit Python runs offline, and so do the other pages', async ({ page, context }) => {
  const host = await serve();
  const code = await new CodePage(page, host.base).open();
  const first = await code.measure(program);
  await kept(page);
  await host.stop();
  await context.setOffline(true);
  await page.goto(`${host.base}code/`);
  const again = await code.measure(program);
  expect([again.outcome, again.net_fuel]).toEqual(['finished', first.net_fuel]);
  await page.goto(`${host.base}bench/`);
  await page.getByTestId('problems-max').fill('1');
  await page.getByTestId('demo').click();
  await expect(page.getByTestId('scores')).toHaveAttribute('data-complete', 'true');
  await page.goto(`${host.base}nowhere`);
  await expect(page.getByTestId('missing')).toBeVisible();
});

/** Another version of the built page: its start script has another name and content, and nothing has the old ones. */
function nextVersion() {
  const { folder, free } = temporaryFolder();
  cpSync(dist, folder, { recursive: true });
  const start = readdirSync(folder).find((name) => /^start-[0-9a-f]+\.js$/.test(name));
  const renamed = 'start-0123456789abcdef.js';
  renameSync(join(folder, start), join(folder, renamed));
  writeFileSync(join(folder, renamed), `globalThis.secondVersion = true;\n${readFileSync(join(folder, renamed), 'utf8')}`);
  for (const name of ['index.html', '404.html', 'code/index.html', 'bench/index.html', 'service-worker.js']) {
    const path = join(folder, name);
    const text = readFileSync(path, 'utf8').replaceAll(start, renamed);
    writeFileSync(path, text.replace(/const VERSION = "[^"]*"/, 'const VERSION = "second"'));
  }
  return { folder, free, first: start, second: renamed };
}

test('a new version waits until it is asked for, then all tabs swap at once', async ({ page, context }) => {
  const host = await serve();
  const next = nextVersion();
  const loaded = (tab) => tab.evaluate(() => [
    performance.getEntriesByType('resource').map(({ name }) => name.split('/').at(-1)).filter((name) => name.startsWith('start-')),
    globalThis.secondVersion === true,
  ]);
  const code = await new CodePage(page, host.base).open();
  await code.type('a', 'def f(n):\n    return n  # a draft\n');
  await kept(page);
  const other = await context.newPage();
  await other.goto(`${host.base}bench/`);
  await expect(other.locator('h1')).toBeVisible();
  host.folder = next.folder;

  // The new version is found and fetched; what is open stays wholly of the first one, reloads included.
  await page.reload();
  await page.evaluate(() => navigator.serviceWorker.getRegistration().then((registration) => registration.update()));
  await expect(code.get('new-version')).toBeVisible();
  expect(await loaded(page)).toEqual([[next.first], false]);
  await page.reload();
  await expect(code.get('new-version')).toBeVisible();
  expect(await loaded(page)).toEqual([[next.first], false]);
  // The editor and the worker arrive late: they too are of the first version, though the host has it no more.
  await code.put(program);
  await code.run();
  expect(await code.ended()).toBe('finished');

  const swapped = [page, other].map((tab) => tab.waitForEvent('load'));
  await code.get('switch-version').click();
  await Promise.all(swapped);
  for (const tab of [page, other]) {
    await expect(tab.locator('h1')).toBeVisible();
    expect(await loaded(tab)).toEqual([[next.second], true]);
  }
  const caches = await page.evaluate(() => caches.keys());
  expect(caches.filter((name) => name.startsWith('frugal-shell-'))).toEqual(['frugal-shell-second']);
  expect(await page.evaluate(async () => (await (await caches.open('frugal-shell-second')).keys()).map(({ url }) => url)))
    .not.toContainEqual(expect.stringContaining(next.first));
  await expect(code.get('new-version')).toBeHidden();
  await host.stop();
  next.free();
});
