// Content security policy, and pages in frames without an origin.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';

import { CodePage } from '../support/code_page.mjs';
import { dist, serve } from '../support/host.mjs';
import { expect, test } from '../support/test.mjs';

const program = { language: 'python', source: 'def f(n):\n    return n * 2\n', entry: 'f', args: '[21]' };

/** The headers that a static host sends by public/_headers. */
function staticHeaders() {
  const lines = readFileSync(join(dist, '_headers'), 'utf8').split('\n').filter((line) => /^ {2}[A-Z]/.test(line));
  return Object.fromEntries(lines.map((line) => {
    const at = line.indexOf(': ');
    return [line.slice(2, at), line.slice(at + 2)];
  }));
}

test('under the headers for static hosts and the meta tag there is no violation', async ({ page }) => {
  const headers = staticHeaders();
  expect(headers['Content-Security-Policy']).toContain("'wasm-unsafe-eval'");
  const meta = readFileSync(join(dist, 'index.html'), 'utf8').match(/http-equiv="Content-Security-Policy" content="([^"]*)"/)[1];
  expect(headers['Content-Security-Policy']).toBe(`${meta}; frame-ancestors 'self'`);
  const host = await serve({ headers });
  const code = await new CodePage(page, host.base).open();
  await code.type('a', program.source);
  expect((await code.measure(program)).value.text).toBe('42');
  await code.get('nav-bench').click();
  await page.getByTestId('problems-max').fill('1');
  await page.getByTestId('demo').click();
  await expect(page.getByTestId('scores')).toHaveAttribute('data-complete', 'true');
  await host.stop();
});

test('the policy bites: what it forbids is refused', async ({ code, faults }) => {
  faults.allow(/policy|Content Security Policy/);
  const refused = await code.page.evaluate(async () => {
    const script = document.createElement('script');
    script.textContent = 'globalThis.executed = true';
    document.body.append(script);
    // Later, because what a test evaluates at once is exempt.
    const made = await new Promise((resolve) => {
      setTimeout(() => {
        try {
          resolve(Boolean(new Function('return 1')()));
        } catch {
          resolve(false);
        }
      });
    });
    return [globalThis.executed === true, made];
  });
  expect(refused).toEqual([false, false]);
  expect(faults.seen.length).toBeGreaterThan(0);
});

test('a policy without wasm-unsafe-eval gives a sentence instead of a blank page', async ({ page, faults }) => {
  faults.allow(/policy|Content Security Policy/);
  const headers = { 'Content-Security-Policy': "script-src 'self'" };
  const host = await serve({ headers });
  await page.goto(`${host.base}code/`);
  await expect(page.getByTestId('start-problem')).toContainText('forbids WebAssembly');
  await expect(page.getByTestId('start-problem')).toContainText("'wasm-unsafe-eval'");
  await host.stop();
});

test('a page whose files are missing gives a sentence instead of a blank page', async ({ page, faults }) => {
  faults.allow(/status of 404|MIME|did not load|Failed to load/);
  for (const pattern of [/^start-/, /^frugal-web.*\.js$/, /^frugal-web.*\.wasm$/]) {
    const host = await serve({
      fault: (path, response) => pattern.test(path) && Boolean(response.writeHead(404, { 'content-type': 'text/plain' }).end('no')),
    });
    await page.goto(`${host.base}code/`);
    await expect(page.getByTestId('start-problem')).toContainText('incomplete copy');
    await host.stop();
  }
});

test('a browser without WebAssembly is told so', async ({ page }) => {
  const host = await serve();
  await page.addInitScript(() => { delete globalThis.WebAssembly; });
  await page.goto(`${host.base}code/`);
  await expect(page.getByTestId('start-problem')).toContainText('no WebAssembly');
  await host.stop();
});

test('in a sandboxed frame of another site, without isolation, it runs and says that nothing is kept', async ({ page }) => {
  // What public/_headers says, without what keeps foreign sites from framing the page.
  const host = await serve({ headers: { 'Access-Control-Allow-Origin': '*' } });
  const outer = createServer((request, response) => {
    const address = `${host.base}code/`;
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end(`<!doctype html><link rel="icon" href="data:,"><iframe sandbox="allow-scripts" width="1000" height="800" src="${address}"></iframe>`);
  });
  await new Promise((resolve) => outer.listen(0, '127.0.0.1', resolve));
  await page.goto(`http://127.0.0.1:${outer.address().port}/`);
  const frame = page.frameLocator('iframe');
  await expect(frame.locator('h1')).toBeVisible();
  expect(await page.frames()[1].evaluate(() => [self.origin, crossOriginIsolated])).toEqual(['null', false]);
  await frame.getByTestId('example-list-set').click();
  await frame.getByTestId('run').click();
  await expect(frame.getByTestId('outcome-b')).toHaveAttribute('data-outcome', 'finished');
  await expect(frame.getByTestId('storage')).toContainText('stays in memory');
  await expect(frame.getByTestId('guest-size')).not.toContainText('kept in this browser');
  outer.closeAllConnections();
  outer.close();
  await host.stop();
});
