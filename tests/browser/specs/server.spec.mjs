// The page that a server serves: its own headers, the switch, and both integers side by side.
import { startServer } from '../support/command.mjs';
import { CodePage } from '../support/code_page.mjs';
import { BenchPage } from '../support/bench_page.mjs';
import { expect, test } from '../support/test.mjs';

let server;
test.beforeAll(async () => {
  server = await startServer('--fuel-max', String(2n ** 63n - 2n));
});
test.afterAll(() => server.stop());

test('the switch runs both, shows both integers and marks them equal', async ({ page }) => {
  const code = await new CodePage(page, server.base).open();
  await code.get('example-list-set').click();
  await code.get('server').check();
  await code.run();
  for (const name of ['a', 'b']) {
    await code.ended(name);
    const agreement = code.get(`agreement-${name}`);
    await expect(agreement).toHaveAttribute('data-equal', 'true');
    const tab = await code.fuel('net', name);
    await expect(code.get(`net-fuel-server-${name}`)).toHaveAttribute('data-fuel', tab);
    const shown = await agreement.locator('.number').allTextContents();
    expect(shown.map((text) => text.replace(/\D/g, ''))).toEqual([tab, tab]);
  }
});

test('a stopped run stops on the server too', async ({ page }) => {
  const code = await new CodePage(page, server.base).open();
  const source = 'def f():\n    while True:\n        pass\n';
  await code.put({ language: 'python', source, entry: 'f', limits: { fuel: '9000000000000000000' } });
  await code.get('server').check();
  await code.run();
  await expect(code.get('working-server-a')).toBeVisible();
  await page.waitForTimeout(500);
  await code.get('stop').click();
  await expect(code.get('stopped-a')).toBeVisible();
  await expect(code.get('stopped-server-a')).toBeVisible();
  await code.put({ language: 'python', source: 'def f():\n    return 1\n', entry: 'f' });
  await code.run();
  await expect(code.get('agreement-a')).toHaveAttribute('data-equal', 'true');
});

test('what the server refuses is said with what to mend', async ({ page, faults }) => {
  faults.allow(/status of 4\d\d/);
  const code = await new CodePage(page, server.base).open();
  await code.put({ language: 'wat', source: '(module (func (export "f")))', entry: 'f', limits: { wall_ms: 3_600_000 } });
  await code.get('server').check();
  await code.run();
  expect(await code.ended()).toBe('finished');
  await expect(code.get('failed-server-a')).toContainText('wall_ms');
});

test('a server that goes away is said, and without one the switch is hidden', async ({ page, host, faults }) => {
  faults.allow(/ERR_CONNECTION|Failed to load resource/);
  const other = await startServer();
  const code = await new CodePage(page, other.base).open();
  await code.put({ language: 'wat', source: '(module (func (export "f")))', entry: 'f' });
  await code.get('server').check();
  await other.stop();
  await code.run();
  expect(await code.ended()).toBe('finished');
  await expect(code.get('failed-server-a')).toContainText('did not answer');
  const alone = await new CodePage(page, host.base).open();
  await alone.put({ language: 'wat', source: '(module (func (export "f")))', entry: 'f' });
  await alone.run();
  expect(await alone.ended()).toBe('finished');
  await expect(alone.get('server')).toHaveCount(0);
});

test('under the header and the meta tag there is no violation over the verbs', async ({ page }) => {
  const response = await page.goto(`${server.base}code/`);
  expect(response.headers()['content-security-policy']).toContain("frame-ancestors 'self'");
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  const code = new CodePage(page, server.base);
  await code.type('a', 'def f(n):\n    return n\n');
  await code.get('entry').fill('f');
  await code.get('arguments').fill('[1]');
  // The first lesson may have opened the second pane.
  if ((await code.get('compare').getAttribute('aria-pressed')) !== 'true') await code.get('compare').click();
  await code.type('b', 'def f(n):\n    return n + 0\n');
  await code.get('theme').click();
  await code.get('share').click();
  await expect(code.get('share-link')).toHaveValue(/#/);
  await code.get('server').check();
  await code.run();
  expect(await code.ended('b')).toBe('finished');
  await expect(code.get('agreement-a')).toHaveAttribute('data-equal', 'true');
  expect((await code.report()).outcome).toBe('finished');
  await code.put({ language: 'javascript', source: 'function f() { return 1n << 64n; }', entry: 'f' });
  await code.run();
  expect(await code.ended()).toBe('finished');
  await code.get('nav-bench').click();
  const bench = new BenchPage(page, server.base);
  await bench.get('problems-max').fill('1');
  await bench.get('demo').click();
  expect(await bench.scored()).toBe(true);
  // The faults of every spec are judged at its end: violations are among them.
});

test('an address that leads nowhere says so, and shows the way back', async ({ page, faults }) => {
  await page.goto(`${server.base}nowhere/at/all`);
  await expect(page.getByTestId('missing')).toBeVisible();
  await page.getByTestId('missing').getByRole('link').click();
  await expect(page.getByTestId('run')).toBeVisible();
  faults.allow(/$^/);
});
