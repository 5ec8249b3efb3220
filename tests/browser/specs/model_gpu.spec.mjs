// The same models by WebGPU, on Chromium's software adapter: the same text, and a choice by measuring.
import { join } from 'node:path';

import { frugal } from '../support/command.mjs';
import { hub, parity } from '../support/hub.mjs';
import { ModelPage } from '../support/model_page.mjs';
import { expect, test } from '../support/test.mjs';

test.use({
  launchOptions: {
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run', '--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'],
  },
});

test('each shape of model writes by WebGPU what the command writes on the processor', async ({ page, host, faults }) => {
  test.setTimeout(300_000);
  faults.allow(/status of 404/);
  const base = hub(host);
  for (const [model, weights] of [['gpt2', 'f32'], ['llama', 'f32'], ['qwen2', 'f32'], ['llama', 'q4_0']]) {
    const models = await new ModelPage(page, host.base).open();
    await models.choose({ address: base + model, backend: 'gpu', weights });
    await models.load();
    await expect(models.get('model-loaded')).toBeVisible({ timeout: 120_000 });
    await expect(models.get('figure-backend')).not.toContainText('CPU');
    await models.set('max-tokens', 48);
    const asked = ['--model', join(parity, model), '--prompt', 'the cat', '--max-tokens', '48', '--weights', weights];
    const want = JSON.parse((await frugal('generate', '--json', ...asked)).stdout);
    expect(await models.write('the cat'), `${model} ${weights}`).toBe(want.text);
    await expect(models.get('figure-tokens')).toHaveText(String(want.tokens.length));
  }
});

test('the automatic choice measures both and says what it found', async ({ page, host, faults }) => {
  test.setTimeout(240_000);
  faults.allow(/status of 404/);
  const models = await new ModelPage(page, host.base).open();
  await models.choose({ address: `${hub(host)}llama`, backend: 'auto' });
  await models.load();
  await expect(models.get('model-choice')).toContainText(/Measured here: .* ms a token on the processor, .* ms by WebGPU/, { timeout: 120_000 });
  expect(await models.write('the cat')).not.toBe('');
});
