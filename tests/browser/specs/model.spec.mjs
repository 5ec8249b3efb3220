// A model in the tab: the same text as on the command line, what it took, and what no model is.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { frugal } from '../support/command.mjs';
import { serve } from '../support/host.mjs';
import { hub, missing, parity } from '../support/hub.mjs';
import { ModelPage } from '../support/model_page.mjs';
import { expect, test } from '../support/test.mjs';

const models = ['gpt2', 'llama', 'qwen2'];

const files = (model) => readdirSync(join(parity, model))
  .filter((name) => !/expected|logits/.test(name))
  .map((name) => join(parity, model, name));

/** What the command writes, told as the page tells it. */
async function written(model, prompt, { tokens = 64, more = [] } = {}) {
  const asked = ['--model', join(parity, model), '--prompt', prompt, '--max-tokens', String(tokens)];
  const said = await frugal('generate', '--json', ...asked, ...more);
  return JSON.parse(said.stdout);
}

test('each shape of model writes what the command writes, from an address and from files', async ({ page, host, faults }) => {
  // A hub has no file for what a model does not need.
  faults.allow(/status of 404/);
  const base = hub(host);
  for (const [at, model] of models.entries()) {
    const models = await new ModelPage(page, host.base).open();
    await models.choose(at === 1 ? { files: files(model) } : { address: base + model });
    await (await models.load()).loaded();
    await models.set('max-tokens', 64);
    const text = await models.write('the cat');
    const want = await written(model, 'the cat');
    expect(text, model).toBe(want.text);
    await expect(models.get('figure-tokens')).toHaveText(String(want.tokens.length));
    await expect(models.get('figure-energy')).toHaveText('not measured');
  }
});

test('codes of 8 and 4 bits write what the command writes with them, in less memory', async ({ page, host, faults }) => {
  faults.allow(/status of 404/);
  const base = hub(host);
  const bytes = [];
  for (const weights of ['f32', 'q8_0', 'q4_0']) {
    const models = await new ModelPage(page, host.base).open();
    await models.choose({ address: `${base}llama`, weights });
    await (await models.load()).loaded();
    await models.set('max-tokens', 64);
    expect(await models.write('hello'), weights).toBe((await written('llama', 'hello', { more: ['--weights', weights] })).text);
    bytes.push(parseFloat(await models.get('figure-weights').textContent()));
  }
  expect(bytes[0]).toBeGreaterThan(bytes[1]);
  expect(bytes[1]).toBeGreaterThan(bytes[2]);
});

test('a seed repeats a text, another changes it, a stop text ends it', async ({ page, host, faults }) => {
  faults.allow(/status of 404/);
  const models = await new ModelPage(page, host.base).open();
  await models.choose({ address: `${hub(host)}gpt2` });
  await (await models.load()).loaded();
  await models.set('temperature', 1.5);
  await models.set('max-tokens', 24);
  await models.set('seed', 7);
  const first = await models.write('x');
  expect(await models.write('x')).toBe(first);
  expect(first).toBe((await written('gpt2', 'x', { tokens: 24, more: ['--temperature', '1.5', '--seed', '7'] })).text);
  await models.set('seed', 8);
  expect(await models.write('x')).not.toBe(first);
  await models.set('temperature', 0);
  const plain = await models.write('the cat');
  const stop = [...plain].slice(6, 8).join('');
  await models.set('stop-text', stop);
  expect(await models.write('the cat')).toBe(plain.split(stop)[0]);
  await expect(models.get('model-note')).toContainText('stop text');
});

test('fields that say nothing are named, and nothing is asked', async ({ page, host, faults }) => {
  faults.allow(/status of 404/);
  const models = await new ModelPage(page, host.base).open();
  await models.choose({ address: '' });
  await models.load();
  expect(await models.refused()).toMatch(/address/);
  await models.choose({ address: `${hub(host)}gpt2`, context: 'many' });
  await models.load();
  expect(await models.refused()).toMatch(/Context: type a whole number/);
  await models.choose({ context: 64 });
  await (await models.load()).loaded();
  for (const [name, value, sentence] of [['max-tokens', '0', /Tokens/], ['temperature', '-1', /Temperature/], ['top-p', '7', /Top-p/], ['top-k', '0', /Top-k/], ['seed', '1.5', /Seed/]]) {
    const before = await models.get(`model-${name}`).inputValue();
    await models.set(name, value);
    await models.get('model-prompt').fill('x');
    await models.get('model-generate').click();
    await expect(models.get('model-problem'), name).toContainText(sentence);
    await models.set(name, before);
  }
  await models.get('model-prompt').fill('  ');
  await models.get('model-generate').click();
  await expect(models.get('model-problem')).toContainText('Type something');
  await models.get('model-prompt').fill('word '.repeat(200));
  await models.get('model-generate').click();
  await expect(models.get('model-problem')).toContainText(/context of 64/);
  expect(await models.write('the')).not.toBe('');
});

test('what is no model is named, and the next one loads', async ({ page, faults }) => {
  test.setTimeout(240_000);
  faults.allow(/status of|Failed to load|ERR_/);
  const host = await serve();
  const weights = readFileSync(join(parity, 'gpt2/model.safetensors'));
  const wrong = (name, answer) => (path, response) => path.endsWith(name) && (answer(response), true);
  const bytes = (content) => (response) => response.writeHead(200, { 'content-length': content.length }).end(content);
  const json = (text) => (response) => response.writeHead(200, { 'content-type': 'application/json' }).end(text);
  const config = JSON.parse(readFileSync(join(parity, 'gpt2/config.json'), 'utf8'));
  const cases = [
    ['no config', wrong('config.json', missing), /config\.json/],
    ['config of another kind', wrong('gpt2/config.json', json('{}')), /config\.json/],
    ['a billion layers', wrong('gpt2/config.json', json(JSON.stringify({ ...config, n_layer: 1e9 }))), /layer/],
    ['no heads', wrong('gpt2/config.json', json(JSON.stringify({ ...config, n_head: 0 }))), /config\.json/],
    ['HTML at 200', wrong('.safetensors', (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html>')), /web page/],
    ['not found', wrong('.safetensors', missing), /404/],
    ['a cut file', wrong('.safetensors', bytes(weights.subarray(0, weights.length - 100))), /safetensors/],
    ['a header of 2^63', wrong('.safetensors', bytes(Buffer.concat([Buffer.from([0, 0, 0, 0, 0, 0, 0, 0x80]), weights.subarray(8)]))), /header/],
    ['no tokenizer', wrong('tokenizer.json', json('{}')), /tokenizer\.json/],
  ];
  for (const [name, change, sentence] of cases) {
    const models = await new ModelPage(page, host.base).open();
    const base = hub(host, change);
    await models.choose({ address: `${base}gpt2` });
    await models.load();
    expect(await models.refused(), name).toMatch(sentence);
    hub(host);
    await (await models.load()).loaded();
    // So that the next fault is met, not what is kept.
    await models.get('model-forget').click();
    await expect(models.get('model-forgotten')).toHaveText('Deleted.');
  }
  const models = await new ModelPage(page, host.base).open();
  for (const [address, sentence] of [['nonsense', /no address/], ['file:///etc/passwd', /no address/], ['http://127.0.0.1:1/model', /could not be fetched/]]) {
    await models.choose({ address });
    await models.load();
    expect(await models.refused(), address).toMatch(sentence);
  }
  await host.stop();
});

test('a broken download goes on where it stopped', async ({ page, faults }) => {
  faults.allow(/status of|Failed to load|ERR_/);
  const host = await serve();
  const weights = readFileSync(join(parity, 'gpt2/model.safetensors'));
  let cut = 0;
  // Breaks off at 99 % three times, as a network does; this host knows no ranges.
  const base = hub(host, (path, response) => {
    if (!path.endsWith('model.safetensors') || response.req.method === 'HEAD' || cut >= 3) return false;
    cut += 1;
    response.writeHead(200, { 'content-length': weights.length });
    response.write(weights.subarray(0, Math.floor(weights.length * 0.99)), () => response.destroy());
    return true;
  });
  const models = await new ModelPage(page, host.base).open();
  await models.choose({ address: `${base}gpt2` });
  await (await models.load()).loaded();
  expect(cut).toBe(3);
  await models.set('max-tokens', 64);
  expect(await models.write('the cat')).toBe((await written('gpt2', 'the cat')).text);
  // Kept now: the weights are not fetched again.
  const before = host.asked.filter((path) => path.endsWith('model.safetensors')).length;
  await models.open();
  await models.choose({ address: `${base}gpt2` });
  await models.get('model-inspect').click();
  await expect(models.get('model-fits')).toContainText('nothing to fetch');
  await (await models.load()).loaded();
  const after = host.asked.filter((path) => path.endsWith('model.safetensors')).length;
  expect(after - before, 'sizes are asked for, bytes are not').toBeLessThanOrEqual(2);
  await host.stop();
});

test('a load can be cancelled, a text stopped at once, and Escape does both', async ({ page, faults }) => {
  faults.allow(/status of|Failed to load|ERR_/);
  const host = await serve();
  const weights = readFileSync(join(parity, 'gpt2/model.safetensors'));
  let slow = true;
  const base = hub(host, (path, response) => {
    if (!slow || !path.endsWith('model.safetensors') || response.req.method === 'HEAD') return false;
    response.writeHead(200, { 'content-length': weights.length });
    let at = 0;
    const more = setInterval(() => {
      response.write(weights.subarray(at, (at += 2_000)));
      if (at >= weights.length || response.destroyed) clearInterval(more);
    }, 200);
    return true;
  });
  const models = await new ModelPage(page, host.base).open();
  await models.choose({ address: `${base}gpt2` });
  await models.load();
  await expect(models.get('model-loading')).toContainText('loading the weights');
  await models.get('model-cancel').click();
  await expect(models.get('model-loading')).toHaveCount(0);
  slow = false;
  await (await models.load()).loaded();
  await models.set('max-tokens', 100_000);
  await models.get('model-prompt').fill('a');
  await models.get('model-prompt').press('Control+Enter');
  await models.ended();
  await expect(models.get('model-note')).toContainText(/context is full|stopped/);
  await host.stop();
});

test('leaving the page ends its worker, and coming back starts another', async ({ page, host }) => {
  const models = await new ModelPage(page, host.base).open();
  await page.getByTestId('nav-code').click();
  await expect(page.getByTestId('run')).toBeVisible();
  await expect.poll(() => page.workers().filter((worker) => worker.url().startsWith('blob:')).length).toBeLessThanOrEqual(2);
  await page.getByTestId('nav-model').click();
  await expect(models.get('model-load')).toBeEnabled();
  await expect(page).toHaveTitle(/Model/);
});

test('on a narrow screen nothing is wider than it', async ({ page, host }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await new ModelPage(page, host.base).open();
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(width).toBeLessThanOrEqual(390);
});
