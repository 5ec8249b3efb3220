// `<frugal-run>` on pages of another origin, without isolation: a plain page, and one as documentation tools write it.
import { createServer } from 'node:http';

import { measure } from '../support/command.mjs';
import { serve } from '../support/host.mjs';
import { expect, test } from '../support/test.mjs';

const source = 'def f(n):\n    total = 0\n\n    for i in range(n):\n        total += i * i\n    return total\n';
const escaped = source.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** A site that knows nothing of Frugal but one address. */
async function site(body) {
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
    response.end(`<!doctype html><html lang="en"><title>Docs</title>${body}</html>`);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return { address: `http://localhost:${server.address().port}/`, stop };
}

const script = (host) => `<script type="module" src="${host.base}widget/frugal-run.js"></script>`;
const open = () => serve({ headers: { 'access-control-allow-origin': '*' } });

/** What a widget says once it has run. */
async function ran(widget) {
  await widget.getByRole('button', { name: 'Run' }).click();
  await expect(widget).not.toHaveAttribute('busy', { timeout: 60_000 });
  return widget.getByRole('status').textContent();
}

test('ten widgets on a plain page of another origin share one worker, and cost what the command says', async ({ page }) => {
  const host = await open();
  const widgets = Array.from({ length: 10 }, (_, n) => `<frugal-run entry="f" arguments="[${n}]">\n${escaped}</frugal-run>`);
  const docs = await site(script(host) + widgets.join('') + '<script>window.heard = []; addEventListener("frugal-run", (event) => heard.push(event.detail));</script>');
  await page.goto(docs.address);
  expect(host.asked.filter((path) => /webworker|guests/.test(path))).toEqual([]);
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(false);
  for (const n of [9, 3]) {
    const said = await ran(page.locator('frugal-run').nth(n));
    const native = await measure({ language: 'python', source, entry: 'f', args: `[${n}]` });
    expect(said.replaceAll('\u202f', '')).toContain(`${native.net_fuel} fuel`);
    await expect(page.locator('frugal-run').nth(n)).toContainText(`returned ${native.value.text}`);
    expect(await page.evaluate(() => heard.at(-1).net_fuel)).toBe(native.net_fuel);
  }
  expect(host.asked.filter((path) => /webworker.*wasm/.test(path)).length).toBe(1);
  await Promise.all([docs.stop(), host.stop()]);
});

test('a fenced block of a book is taken over with its language, and other code can be typed', async ({ page }) => {
  const host = await open();
  // As mdBook writes it: the element as raw HTML, the block highlighted, with its own button.
  const block = (language, inner) => `<pre><div class="buttons"><button title="Copy"></button></div><code class="language-${language} hljs">${inner}</code></pre>`;
  const docs = await site(`${script(host)}<main>
    <frugal-run entry="f" arguments="[20]">\n${block('python', escaped.replace('def', '<span class="hljs-keyword">def</span>'))}\n</frugal-run>
    <frugal-run entry="g" arguments="[20]" editable label="Doubling">\n${block('javascript', 'function g(n) { return n * 2 }')}\n</frugal-run></main>`);
  await page.goto(docs.address);
  const [python, javascript] = [page.locator('frugal-run').nth(0), page.locator('frugal-run').nth(1)];
  const native = await measure({ language: 'python', source: source.trimEnd(), entry: 'f', args: '[20]' });
  expect((await ran(python)).replaceAll('\u202f', '')).toContain(`${native.net_fuel} fuel`);
  await ran(javascript);
  await expect(javascript).toContainText('returned 40');
  await javascript.getByLabel('Doubling').fill('function g(n) { return n * 3 }');
  await javascript.getByLabel('Doubling').press('Control+Enter');
  await expect(javascript).toContainText('returned 60');
  await Promise.all([docs.stop(), host.stop()]);
});

test('what goes wrong is said in the widget, and Stop stops', async ({ page }) => {
  const host = await open();
  const docs = await site(`${script(host)}
    <frugal-run>${escaped}</frugal-run>
    <frugal-run language="cobol" entry="f">${escaped}</frugal-run>
    <frugal-run entry="f" arguments="[1" >${escaped}</frugal-run>
    <frugal-run entry="f" fuel="12.5">${escaped}</frugal-run>
    <frugal-run entry="f" fuel="100" arguments="[9]">${escaped}</frugal-run>
    <frugal-run entry="f">def f():\n    raise ValueError('&lt;b&gt;no&lt;/b&gt;')</frugal-run>
    <frugal-run entry="f">def f():\n    while True: pass</frugal-run>`);
  await page.goto(docs.address);
  const widget = (at) => page.locator('frugal-run').nth(at);
  expect(await ran(widget(0))).toContain('Name the function in the attribute entry');
  expect(await ran(widget(1))).toContain('python, javascript, wat');
  expect(await ran(widget(2))).toMatch(/JSON|arguments/);
  expect(await ran(widget(3))).toContain('whole number');
  expect(await ran(widget(4))).toMatch(/at least .*Out of fuel/);
  await ran(widget(5));
  await expect(widget(5)).toContainText('ValueError: <b>no</b>');
  await widget(6).getByRole('button', { name: 'Run' }).click();
  await expect(widget(6).getByRole('status')).toHaveText(/Running|Starting/);
  const begun = Date.now();
  await widget(6).getByRole('button', { name: 'Stop' }).click();
  await expect(widget(6).getByRole('status')).toHaveText('Stopped');
  expect(Date.now() - begun).toBeLessThan(500);
  await Promise.all([docs.stop(), host.stop()]);
});

test('a host that cannot be reached is said', async ({ page }) => {
  const host = await open();
  const docs = await site(`${script(host)}<frugal-run entry="f" arguments="[1]">${escaped}</frugal-run>`);
  await page.goto(docs.address);
  await expect(page.locator('frugal-run').getByRole('button', { name: 'Run' })).toBeVisible();
  await host.stop();
  expect(await ran(page.locator('frugal-run'))).toMatch(/worker did not start|incomplete copy/);
  await docs.stop();
});
