// What a browser may do to a model in a tab: no adapter, no WebGPU, no room, a frozen tab, two tabs with one store.
import { join } from 'node:path';

import { frugal } from '../support/command.mjs';
import { hub, parity } from '../support/hub.mjs';
import { ModelPage } from '../support/model_page.mjs';
import { expect, test } from '../support/test.mjs';

async function written(prompt, tokens) {
  const asked = ['--model', join(parity, 'gpt2'), '--prompt', prompt, '--max-tokens', String(tokens)];
  return JSON.parse((await frugal('generate', '--json', ...asked)).stdout).text;
}

/** WebGPU is refused by name; the automatic choice takes the processor and says why; both write. */
async function withoutAdapter(page, host) {
  const models = await new ModelPage(page, host.base).open();
  await models.choose({ address: `${hub(host)}gpt2`, backend: 'gpu' });
  await models.load();
  expect(await models.refused()).toMatch(/no WebGPU adapter.*Let the processor compute/s);
  await models.choose({ backend: 'auto' });
  await (await models.load()).loaded();
  await expect(models.get('model-choice')).toContainText(/On the processor: no WebGPU adapter/);
  await models.set('max-tokens', 32);
  expect(await models.write('the cat')).toBe(await written('the cat', 32));
  return models;
}

test('a browser that offers WebGPU but gives no adapter computes on the processor', async ({ page, host, faults }) => {
  faults.allow(/status of 404|adapter/);
  await page.goto(host.base);
  const adapter = await page.evaluate(async () => ('gpu' in navigator ? String(await navigator.gpu.requestAdapter()) : 'absent'));
  expect(adapter, 'this spec wants a browser as it starts here without flags').toBe('null');
  await withoutAdapter(page, host);
});

test('without WebGPU the processor computes, and the page says that there is none', async ({ page, host, faults }) => {
  faults.allow(/status of 404/);
  // A browser of last year, and its workers.
  await page.addInitScript(() => {
    delete Navigator.prototype.gpu;
    globalThis.Blob = class extends Blob {
      constructor(parts, options) {
        super(options?.type === 'text/javascript' ? ['delete WorkerNavigator.prototype.gpu;\n', ...parts] : parts, options);
      }
    };
  });
  const models = await withoutAdapter(page, host);
  await expect(models.get('model-gpu')).toContainText('offers none');
});

test('a full storage costs the next download, not this text', async ({ page, host, faults }) => {
  faults.allow(/status of 404|[Qq]uota/);
  const models = await new ModelPage(page, host.base).open();
  const session = await page.context().newCDPSession(page);
  await session.send('Storage.overrideQuotaForOrigin', { origin: host.origin, quotaSize: 1_000 });
  await models.choose({ address: `${hub(host)}gpt2` });
  await (await models.load()).loaded();
  await expect(page.getByText('could not be kept in this browser: its storage is full or denied')).toBeVisible();
  await models.set('max-tokens', 32);
  expect(await models.write('the cat')).toBe(await written('the cat', 32));
  await session.send('Storage.overrideQuotaForOrigin', { origin: host.origin });
  await (await models.load()).loaded();
  await expect(page.getByText('could not be kept in this browser')).toHaveCount(0);
});

test('a tab that is frozen in mid-text goes on where it stood', async ({ page, host, faults }) => {
  faults.allow(/status of 404/);
  const models = await new ModelPage(page, host.base).open();
  await models.choose({ address: `${hub(host)}gpt2` });
  await (await models.load()).loaded();
  await models.set('max-tokens', 100);
  await models.get('model-prompt').fill('the cat');
  const session = await page.context().newCDPSession(page);
  await models.get('model-generate').click();
  await session.send('Page.setWebLifecycleState', { state: 'frozen' });
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  await session.send('Page.setWebLifecycleState', { state: 'active' });
  await models.ended();
  expect(await models.get('model-output').locator('span').nth(1).textContent()).toBe(await written('the cat', 100));
});

test('two tabs fetch one model at once, and deleting it in one leaves the other at work', async ({ page, context, host, faults }) => {
  faults.allow(/status of 404/);
  const base = hub(host);
  const here = await new ModelPage(page, host.base).open();
  const there = await new ModelPage(await context.newPage(), host.base).open();
  for (const models of [here, there]) await models.choose({ address: `${base}gpt2` });
  await Promise.all([here.load(), there.load()]);
  const want = await written('the cat', 32);
  for (const models of [here, there]) {
    await models.loaded();
    await models.set('max-tokens', 32);
    expect(await models.write('the cat')).toBe(want);
  }
  await here.get('model-forget').click();
  await expect(here.get('model-forgotten')).toHaveText('Deleted.');
  expect(await there.write('the cat')).toBe(want);
  await (await there.load()).loaded();
  expect(await there.write('the cat')).toBe(want);
});
