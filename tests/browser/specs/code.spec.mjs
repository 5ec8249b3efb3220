// The Code page: what a visitor does first.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test } from '@playwright/test';

import { command, serve, watch } from '../support/host.mjs';

let host;
test.beforeAll(async () => {
  host = await serve();
});
test.afterAll(() => host.stop());

/** Opens the page with this program in the first pane. */
async function open(page, source, entry, argumentsText) {
  await page.goto(`${host.base}code/`);
  const text = page.getByTestId('editor-a').locator('.cm-content');
  await text.click();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.insertText(source);
  await page.getByTestId('entry').fill(entry);
  await page.getByTestId('arguments').fill(argumentsText);
}

function onCommandLine(source, entry, argumentsText) {
  const file = join(mkdtempSync(join(tmpdir(), 'frugal-')), 'main.py');
  writeFileSync(file, source);
  const options = ['run', file, '--entry', entry, '--args', argumentsText, '--json'];
  return JSON.parse(execFileSync(command, options, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
}

test('a Python function costs the same integer in the tab and on the command line', async ({ page }) => {
  const faults = await watch(page);
  const source = 'def squares(n):\n    return sum([i * i for i in range(n)])\n';
  await open(page, source, 'squares', '[1000]');
  await page.getByTestId('run').click();
  await expect(page.getByTestId('outcome-a')).toHaveAttribute('data-outcome', 'finished');
  const native = onCommandLine(source, 'squares', '[1000]');
  expect(native.value.text).toBe('332833500');
  await expect(page.getByTestId('net-fuel-a')).toHaveAttribute('data-fuel', native.net_fuel);
  await expect(page.getByTestId('raw-fuel-a')).toHaveAttribute('data-fuel', native.raw_fuel);
  expect(faults).toEqual([]);
});

test('an example compares two solutions in one click and a run', async ({ page }) => {
  await page.goto(`${host.base}code/`);
  await page.getByTestId('example-list-set').click();
  await page.getByTestId('run').click();
  await expect(page.getByTestId('outcome-a')).toHaveAttribute('data-outcome', 'finished');
  await expect(page.getByTestId('outcome-b')).toHaveAttribute('data-outcome', 'finished');
  await expect(page.getByTestId('comparison-sentence')).toContainText('cheaper');
});

test('Stop ends a loop without end, and the next run works', async ({ page }) => {
  await open(page, 'def f(n):\n    while n:\n        pass\n    return n\n', 'f', '[0]');
  // The first run fetches the guest, so that Stop below stops a loop and not a download.
  await page.getByTestId('run').click();
  await expect(page.getByTestId('outcome-a')).toHaveAttribute('data-outcome', 'finished');
  await page.getByTestId('arguments').fill('[1]');
  // No limit may end the loop before Stop does, however slow the machine.
  await page.getByTestId('limits').locator('summary').click();
  await page.getByTestId('limit-fuel').fill('1000000000000000');
  await page.getByTestId('limit-time').fill('600000');
  await page.getByTestId('run').click();
  await expect(page.getByTestId('working-a')).toBeVisible();
  await page.waitForTimeout(1_000);
  await page.getByTestId('stop').click();
  await expect(page.getByTestId('stopped-a')).toBeVisible({ timeout: 500 });
  await page.getByTestId('arguments').fill('[0]');
  await page.getByTestId('run').click();
  await expect(page.getByTestId('outcome-a')).toHaveAttribute('data-outcome', 'finished');
});

test('deep links survive a reload under a sub-path, with no violation and no console error', async ({ page }) => {
  const faults = await watch(page);
  for (const [path, heading] of [['code/', 'cost'], ['bench/', '']]) {
    await page.goto(host.base + path);
    await expect(page.locator('h1')).toContainText(heading);
    await page.reload();
    await expect(page.locator('h1')).toContainText(heading);
  }
  expect(faults).toEqual([]);
});

test('the page fits a narrow screen', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 800 });
  await page.goto(`${host.base}code/`);
  await expect(page.locator('h1')).toBeVisible();
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(overflow).toBeLessThanOrEqual(0);
});
