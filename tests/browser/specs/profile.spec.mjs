// Where the fuel goes: the tab attributes to the unit as the command line does, in chart, tables, gutter and file.
import { readFileSync } from 'node:fs';

import { measure } from '../support/command.mjs';
import { expect, test } from '../support/test.mjs';

const source = `def double(n):
    return n + n

def f(n):
    total = 0
    for i in range(n):
        total += double(i)
    return sorted([total, n], key=lambda value: -value)
`;

test('the tab and the command line attribute alike', async ({ code, page }) => {
  await code.put({ language: 'python', source, entry: 'f', args: '[40]' });
  await code.get('profile').locator('summary').click();
  await code.get('profile-0').click();
  await expect(code.get('profile-functions')).toBeVisible({ timeout: 60_000 });
  const [download] = await Promise.all([page.waitForEvent('download'), code.get('profile-json').click()]);
  const here = JSON.parse(readFileSync(await download.path(), 'utf8'));
  const native = await measure({ language: 'python', source, entry: 'f', args: '[40]', more: ['--profile'] });
  expect(here.profile).toEqual(native.profile);
  expect(here.net_fuel).toBe(native.net_fuel);
  const rows = here.profile.lines.map((row) => BigInt(row.self_fuel));
  const sum = rows.reduce((all, fuel) => all + fuel, BigInt(here.profile.unattributed_fuel));
  expect(sum).toBe(BigInt(here.net_fuel));
  // The same integers stand beside the lines until an edit.
  const marks = code.get('editor-a').locator('.cm-cost[data-fuel]');
  const line = here.profile.lines.find((row) => row.line === 7);
  await expect(marks.and(page.locator(`[data-fuel="${line.self_fuel}"]`))).toHaveCount(1);
  const [file] = await Promise.all([page.waitForEvent('download'), code.get('profile-speedscope').click()]);
  const flame = JSON.parse(readFileSync(await file.path(), 'utf8'));
  expect(flame.shared.frames.map((frame) => frame.name)).toContain('double');
  const weights = flame.profiles[0].weights.reduce((all, weight) => all + weight, 0);
  expect(BigInt(weights) + (BigInt(here.profile.unattributed_fuel) < 0n ? BigInt(here.profile.unattributed_fuel) : 0n)).toBe(BigInt(here.net_fuel));
  await code.type('a', `${source}\n`);
  await expect(marks).toHaveCount(0);
});

test('the flamegraph is walked by keys', async ({ code, page }) => {
  await code.put({ language: 'python', source, entry: 'f', args: '[40]' });
  await code.get('profile').locator('summary').click();
  await code.get('profile-0').click();
  const frames = code.get('flame').locator('button');
  await expect(frames.first()).toBeVisible({ timeout: 60_000 });
  await frames.first().focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  const inner = await page.evaluate(() => {
    let focused = document.activeElement;
    while (focused.shadowRoot) focused = focused.shadowRoot.activeElement;
    return focused.textContent;
  });
  expect(['double', 'f.<locals>.<lambda>']).toContain(inner);
  await page.keyboard.press('Enter');
  await expect(frames.first()).toHaveText(inner);
  await page.keyboard.press('Escape');
  await expect(frames.first()).toHaveText('the whole call');
});

test('a run that does not finish says why there is no profile', async ({ code }) => {
  await code.put({ language: 'python', source: 'def f():\n    raise KeyError(1)\n', entry: 'f', args: '[]' });
  await code.get('profile').locator('summary').click();
  await code.get('profile-0').click();
  await expect(code.get('profile-refusal')).toContainText('guest_error', { timeout: 60_000 });
});

test('Stop ends a run with marks, and the next one is whole', async ({ code }) => {
  const endless = 'def f(n):\n    while n:\n        n += 1\n';
  await code.put({ language: 'python', source: endless, entry: 'f', args: '[1]', limits: { fuel: '9000000000000000000' } });
  await code.get('profile').locator('summary').click();
  await code.get('profile-0').click();
  await expect(code.get('profile-note')).not.toBeEmpty();
  await expect(code.get('profile-0')).toBeDisabled();
  await code.page.waitForTimeout(1_500);
  await code.get('profile-stop').click();
  await expect(code.get('profile-note')).toBeEmpty();
  await expect(code.get('profile-0')).toBeEnabled();
  await expect(code.get('profile-view')).toBeHidden();
  await expect(code.get('profile-problem')).toHaveCount(0);
  await code.put({ language: 'python', source, entry: 'f', args: '[40]' });
  await code.get('profile-0').click();
  await expect(code.get('profile-functions')).toBeVisible({ timeout: 60_000 });
});
