// The Code page: what a visitor does first.
import { measure } from '../support/command.mjs';
import { expect, test } from '../support/test.mjs';

test('a Python function costs the same integer in the tab and on the command line', async ({ code }) => {
  const source = 'def squares(n):\n    return sum([i * i for i in range(n)])\n';
  await code.type('a', source);
  await code.get('entry').fill('squares');
  await code.get('arguments').fill('[1000]');
  await code.run();
  expect(await code.ended()).toBe('finished');
  const native = await measure({ language: 'python', source, entry: 'squares', args: '[1000]' });
  expect(native.value.text).toBe('332833500');
  expect(await code.fuel('net')).toBe(native.net_fuel);
  expect(await code.fuel('raw')).toBe(native.raw_fuel);
  expect(await code.fuel('baseline')).toBe(native.baseline_fuel);
});

test('an example compares two solutions in one click and a run', async ({ code }) => {
  await code.get('example-list-set').click();
  await code.run();
  expect(await code.ended('a')).toBe('finished');
  expect(await code.ended('b')).toBe('finished');
  await expect(code.get('comparison-sentence')).toContainText('cheaper');
});

test('every example ends as its lesson says', async ({ code }) => {
  const examples = code.get('examples').getByRole('button');
  const count = await examples.count();
  expect(count).toBeGreaterThanOrEqual(5);
  for (let index = 0; index < count; index += 1) {
    await examples.nth(index).click();
    await expect(code.get('lesson')).toBeVisible();
    await code.run();
    const endless = await examples.nth(index).getAttribute('data-testid') === 'example-forever';
    expect(await code.ended()).toBe(endless ? 'out_of_fuel' : 'finished');
  }
});

test('a file is opened by its ending, and one that is no program says what to choose', async ({ code }) => {
  await code.get('open-file').setInputFiles({ name: 'a.js', mimeType: 'text/javascript', buffer: Buffer.from('function f(n) { return n + 1; }') });
  await expect(code.get('language')).toHaveValue('javascript');
  await code.get('entry').fill('f');
  await code.get('arguments').fill('[41]');
  await code.run();
  expect(await code.ended()).toBe('finished');
  await expect(code.get('value-a')).toHaveText('42');
  await code.get('open-file').setInputFiles({ name: 'a.exe', mimeType: 'application/octet-stream', buffer: Buffer.from([0]) });
  await expect(code.get('run-problem')).toContainText('.wasm');
  await code.get('open-file').setInputFiles({ name: 'b.py', mimeType: 'text/plain', buffer: Buffer.from([0xff, 0xfe, 0]) });
  await expect(code.get('run-problem')).toContainText('UTF-8');
});

test('standard input reaches a whole program, and its output comes back', async ({ code }) => {
  const report = await code.measure({ language: 'python', source: 'print(input()[::-1])\n', stdin: 'stressed\n' });
  expect(report.outcome).toBe('finished');
  await expect(code.get('stdout-a')).toHaveText('desserts\n');
});

test('deep links survive a reload under a sub-path', async ({ page, host }) => {
  for (const [path, heading] of [['code/', 'cost'], ['bench/', 'solutions']]) {
    await page.goto(host.base + path);
    await expect(page.locator('h1')).toContainText(heading);
    await page.reload();
    await expect(page.locator('h1')).toContainText(heading);
  }
});
