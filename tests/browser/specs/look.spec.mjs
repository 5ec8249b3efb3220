// How it looks and handles: narrow screens, light and dark, the keyboard alone.
import { expect, test } from '../support/test.mjs';
import { BenchPage } from '../support/bench_page.mjs';

/** What sticks out to the right of the window. */
const overflow = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

test('both pages fit 390 px, before and after a run, with every part open', async ({ code, host }) => {
  const { page } = code;
  await page.setViewportSize({ width: 390, height: 844 });
  expect(await overflow(page)).toBe(0);
  await code.get('example-list-set').click();
  await code.get('share').click();
  await code.get('limits').locator('summary').click();
  await code.run();
  await code.ended('b');
  await code.get('provenance-a').locator('summary').click();
  expect(await overflow(page)).toBe(0);
  await code.put({ language: 'python', source: `def f():\n    print('${'x'.repeat(3000)}')\n    raise ValueError('${'y'.repeat(3000)}')\n`, entry: 'f' });
  await code.run();
  await code.ended();
  expect(await overflow(page)).toBe(0);
  const bench = await new BenchPage(page, host.base).open();
  expect(await overflow(page)).toBe(0);
  await bench.get('problems-max').fill('2');
  await bench.get('demo').click();
  await bench.scored();
  expect(await overflow(page)).toBe(0);
  await page.goto(`${host.base}nowhere`);
  expect(await overflow(page)).toBe(0);
});

/** Contrast of a text against what is behind it, by WCAG 2. */
const contrast = (locator) => locator.evaluate((element) => {
  const channels = (text) => text.match(/[\d.]+/g).map(Number);
  const luminance = (rgb) => {
    const [r, g, b] = rgb.slice(0, 3).map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  let behind = element;
  while (behind && /rgba\(.*, 0\)|transparent/.test(getComputedStyle(behind).backgroundColor)) behind = behind.parentElement;
  const canvas = getComputedStyle(document.documentElement).backgroundColor;
  const pair = [getComputedStyle(element).color, behind ? getComputedStyle(behind).backgroundColor : canvas].map((text) => luminance(channels(text)));
  return (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
});

test('light and dark follow the system, the choice wins and is kept, and every text can be read', async ({ code }) => {
  const { page } = code;
  const paper = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  await page.emulateMedia({ colorScheme: 'light' });
  const light = await paper();
  await page.emulateMedia({ colorScheme: 'dark' });
  const dark = await paper();
  expect(dark).not.toBe(light);
  await code.get('theme').click();
  expect(await paper()).toBe(light);
  await page.reload();
  await expect(code.get('theme')).toHaveAttribute('data-theme-now', 'light');
  expect(await paper()).toBe(light);
  await code.get('example-list-set').click();
  await code.run();
  await code.ended('b');
  for (const choice of ['light', 'dark']) {
    while (await code.get('theme').getAttribute('data-theme-now') !== choice) await code.get('theme').click();
    await page.waitForTimeout(200);
    for (const text of ['.lede', '.lesson', 'label[for=language]', '.net-fuel', '.net-fuel-unit', '.run-figures dt', '.outcome-sentence', 'button.primary', '.comparison-sentence', '.footer p', '.run-text pre']) {
      expect(await contrast(page.locator(text).first()), `${text}, ${choice}`).toBeGreaterThanOrEqual(4.5);
    }
  }
});

test('with the keyboard alone: skip, write, run, stop', async ({ code }) => {
  const { page } = code;
  const focus = () => page.evaluate(() => {
    let element = document.activeElement;
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
    return element?.dataset.testid || element?.id || element?.className || '';
  });
  await page.keyboard.press('Tab');
  expect(await focus()).toBe('skip-link');
  await page.keyboard.press('Enter');
  expect(await focus()).toBe('main');
  // Every control is reached in the order it stands, and each shows that it has the focus.
  const order = [];
  for (let press = 0; press < 40 && order.at(-1) !== 'run'; press += 1) {
    await page.keyboard.press('Tab');
    const name = await focus();
    order.push(name);
    if (name.includes('cm-content')) {
      // Tab indents in the editor; Escape first lets it leave.
      await page.keyboard.press('Escape');
    }
  }
  for (const [before, after] of [['language', 'compare'], ['compare', 'share'], ['share', 'mode'], ['mode', 'entry'], ['entry', 'arguments'], ['arguments', 'run']]) {
    expect(order.indexOf(before), `${before} in ${order}`).toBeGreaterThan(-1);
    expect(order.indexOf(after), `${after} after ${before} in ${order}`).toBeGreaterThan(order.indexOf(before));
  }
  await code.put({ language: 'python', source: 'def f(n):\n    while n:\n        pass\n    return n\n', entry: 'f', args: '[0]' });
  await page.keyboard.press('Control+Enter');
  expect(await code.ended()).toBe('finished');
  await code.get('arguments').fill('[1]');
  await page.keyboard.press('Control+Enter');
  await expect(code.get('working-a')).toBeVisible();
  await page.waitForTimeout(300);
  await page.keyboard.press('Escape');
  await expect(code.get('stopped-a')).toBeVisible();
});

test('every control has a name, and the end of a run is announced', async ({ code, host }) => {
  const { page } = code;
  const nameless = () => page.evaluate(() => [...document.querySelectorAll('button, input, select, textarea, a[href], progress')]
    .filter((element) => element.checkVisibility())
    .filter((element) => !(element.getAttribute('aria-label') || element.labels?.[0]?.textContent?.trim() || element.textContent.trim() || element.title))
    .map((element) => element.outerHTML.slice(0, 120)));
  await code.get('example-list-set').click();
  await code.run();
  await code.ended('b');
  await expect(code.get('status')).toContainText('Solution A: Finished');
  expect(await nameless()).toEqual([]);
  await page.goto(`${host.base}bench/`);
  await expect(page.locator('h1')).toBeVisible();
  expect(await nameless()).toEqual([]);
});

test('an address that leads nowhere says so, and shows the way back', async ({ page, host, faults }) => {
  faults.allow(/status of 404/);
  await page.goto(`${host.base}nowhere`);
  await expect(page.getByTestId('missing')).toBeVisible();
  await expect(page).toHaveTitle(/Not found/);
  await page.getByTestId('missing').getByRole('link').click();
  await expect(page.getByTestId('run')).toBeVisible();
});
