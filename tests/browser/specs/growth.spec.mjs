// How the cost grows: exact counts over doubling sizes, a fitted exponent, two solutions in one chart and table.
import { readFileSync } from 'node:fs';

import { CodePage } from '../support/code_page.mjs';
import { measure } from '../support/command.mjs';
import { expect, test } from '../support/test.mjs';

const quadratic = 'def f(n):\n    t = 0\n    for i in range(n):\n        for j in range(n):\n            t += 1\n    return t\n';
const linear = 'def f(n):\n    t = 0\n    for i in range(n):\n        t += n\n    return t\n';

/** Opens the panel and fills it in. */
async function sweep(code, from, to, template) {
  await code.get('growth').locator('summary').click();
  if (template) await code.get('growth-arguments').fill(template);
  await code.get('growth-from').fill(from);
  await code.get('growth-to').fill(to);
  await code.get('growth-run').click();
}

test('two solutions are swept, fitted, drawn and exported', async ({ code, page }) => {
  await code.put({ language: 'python', source: quadratic, entry: 'f', args: '[1]' });
  await code.get('compare').click();
  await code.type('b', linear);
  await sweep(code, '64', '512');
  await expect(code.get('growth-fit')).toHaveAttribute('data-complete', 'true', { timeout: 60_000 });
  const said = await code.get('growth-fit').textContent();
  const exponents = [...said.matchAll(/grows like n\^([\d.]+)/g)].map(([, exponent]) => Number(exponent));
  expect(exponents).toHaveLength(2);
  expect(Math.abs(exponents[0] - 2)).toBeLessThan(0.1);
  expect(Math.abs(exponents[1] - 1)).toBeLessThan(0.1);
  await expect(code.get('growth-table').locator('tbody tr')).toHaveCount(4);
  // The chart is there, over the table that says the same.
  await expect.poll(() => page.evaluate(() => document.querySelector('[data-testid=chart]').shadowRoot?.querySelectorAll('canvas').length)).toBe(1);
  const [download] = await Promise.all([page.waitForEvent('download'), code.get('growth-csv').click()]);
  const rows = readFileSync(await download.path(), 'utf8').trim().split('\r\n').map((row) => row.split(','));
  expect(rows[0]).toEqual(['n', 'Solution A net fuel', 'Solution B net fuel']);
  expect(rows.slice(1).map(([n]) => n)).toEqual(['64', '128', '256', '512']);
  for (const [source, column] of [[quadratic, 1], [linear, 2]]) {
    const native = await measure({ language: 'python', source, entry: 'f', args: '[256]' });
    expect(rows[3][column]).toBe(native.net_fuel);
  }
});

test('what cannot be swept is said; a solution that does not finish is not asked for more; Stop stops', async ({ code }) => {
  await code.put({ language: 'python', source: quadratic, entry: 'f', args: '[1]' });
  await sweep(code, '8', '9');
  await expect(code.get('growth-problem')).toContainText('at least twice');
  for (const [from, to, template, says] of [
    ['0', '9', '[n]', 'From'], ['1', 'many', '[n]', 'To'], ['1', '99999999999', '[n]', '24 are the most'], ['1', '8', '[7]', 'the letter n'],
  ]) {
    await code.get('growth-arguments').fill(template);
    await code.get('growth-from').fill(from);
    await code.get('growth-to').fill(to);
    await code.get('growth-run').click();
    await expect(code.get('growth-problem')).toContainText(says);
  }
  await code.get('limits').locator('summary').click();
  await code.get('limit-fuel').fill('1000000');
  await code.get('growth-arguments').fill('[n]');
  await code.get('growth-from').fill('8');
  await code.get('growth-to').fill('1024');
  await code.get('growth-run').click();
  await expect(code.get('growth-fit')).toHaveAttribute('data-complete', 'true', { timeout: 60_000 });
  const cells = await code.get('growth-table').locator('tbody td').allTextContents();
  expect(cells.at(0)).toMatch(/^[\d\s\u202f]+$/);
  expect(cells).toContain('Out of fuel');
  expect(cells.at(-1)).toBe('–');
  // The other solution goes on, in table and chart, where this one did not finish.
  await code.get('compare').click();
  await code.type('b', linear);
  await code.get('growth-run').click();
  await expect(code.get('growth-fit')).toHaveAttribute('data-complete', 'true', { timeout: 60_000 });
  const last = await code.get('growth-table').locator('tbody tr').last().locator('td').allTextContents();
  expect(last.slice(0, 2)).toEqual(['–', expect.stringMatching(/^[\d\s\u202f]+$/)]);
  await expect(code.get('chart')).toHaveAttribute('data-sizes', '8');
  await code.get('compare').click();
  await code.type('a', 'def f(n):\n    while True: pass\n');
  await code.get('limit-fuel').fill('1000000000000');
  await code.get('growth-run').click();
  await code.get('growth-stop').click();
  await expect(code.get('growth-run')).toBeEnabled();
  await expect(code.get('growth-table').locator('tbody td').first()).toHaveText('–');
});
