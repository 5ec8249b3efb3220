// "Let the model write it": a model's code in the editor, and through the sandbox.
import { join } from 'node:path';

import { CodePage } from '../support/code_page.mjs';
import { frugal, measure } from '../support/command.mjs';
import { root, serve } from '../support/host.mjs';
import { expect, test } from '../support/test.mjs';

const mine = '# mine\ndef mine(n):\n    return n\n';
const link = { language: 'python', source: mine, entry: 'mine', args: '[1]' };
const model = join(root, 'public/models/pocket-python');
const undo = 'ControlOrMeta+z';

/** What stands in the first editor. */
const source = (code) => code.get('editor-a').locator('.cm-line').evaluateAll((lines) => lines.map((line) => line.textContent).join('\n'));

async function open(code) {
  await expect(code.get('editor-a')).toHaveAttribute('data-ready', 'true');
  await code.get('write').click();
  await expect(code.get('writer-task')).toBeFocused();
}

const written = (code) => expect(code.get('writer-note')).toContainText('Undo', { timeout: 90_000 });

test('the model writes into the editor what the command writes, and its fuel is what `frugal run` gives', async ({ code }) => {
  const example = await source(code);
  await open(code);
  await expect(code.get('writer-size')).toContainText(/Pocket Python.* 1\.9 MB.* \d\.\d MB for the engine/);
  const first = await code.get('writer-first').inputValue();
  const task = await code.get('writer-task').inputValue();
  await code.get('writer-write').press('Enter');
  await written(code);
  const text = await source(code);
  const asked = ['--model', model, '--prompt', `# ${task}\n${first}`, '--max-tokens', '240'];
  const said = JSON.parse((await frugal('generate', '--json', ...asked)).stdout);
  expect(text).toBe(`${`# ${task}\n${first}${said.text}`.trimEnd()}\n`);
  await expect(code.get('entry')).toHaveValue('sum_even_squares');
  await expect(code.get('writer-run'), 'the keyboard goes on here').toBeFocused();
  await code.page.keyboard.press('Enter');
  expect(await code.ended()).toBe('finished');
  const args = await code.get('arguments').inputValue();
  const native = await measure({ language: 'python', source: text, entry: 'sum_even_squares', args });
  expect(native.value.text).toBe('56');
  expect(await code.fuel('net')).toBe(native.net_fuel);
  // All of it is one step, and the lesson stands there again.
  await code.get('editor-a').locator('.cm-content').click();
  await code.page.keyboard.press(undo);
  expect(await source(code)).toBe(example);
});

test('below what a person wrote, in one step of Undo, which then goes on to the steps before', async ({ code }) => {
  await code.put(link);
  await expect(code.get('editor-a')).toHaveAttribute('data-ready', 'true');
  const content = code.get('editor-a').locator('.cm-content');
  await content.click();
  await code.page.keyboard.press('ControlOrMeta+End');
  await code.page.keyboard.insertText('# typed');
  const before = await source(code);
  await open(code);
  await code.get('writer-task').fill('Return the sum of the digits of n');
  await code.get('writer-first').fill('def digit_sum(n):');
  await code.get('writer-write').click();
  await written(code);
  const text = await source(code);
  expect(text.startsWith(`${before}\n\n\n# Return the sum of the digits of n.\ndef digit_sum(n):\n`), text).toBe(true);
  await expect(code.get('entry')).toHaveValue('digit_sum');
  await expect(code.get('arguments')).toHaveValue('[30]');
  await content.click();
  await code.page.keyboard.press(undo);
  expect(await source(code)).toBe(before);
  await code.page.keyboard.press(undo);
  expect(await source(code)).toBe(mine);
  // The second way back: everything as it was, without the editor's history.
  await code.get('writer-write').click();
  await written(code);
  await code.get('writer-back').click();
  expect(await source(code)).toBe(mine);
});

test('what cannot be asked is named; Stop and another program on the page lose nothing', async ({ code }) => {
  await code.put(link);
  await open(code);
  await code.get('writer-task').fill(' ');
  await code.get('writer-task').press('Enter');
  await expect(code.get('writer-problem')).toContainText('Say what');
  await code.get('writer-task').fill('Return n');
  await code.get('writer-first').fill('lambda n: n');
  await code.get('writer-first').press('Enter');
  await expect(code.get('writer-problem')).toContainText('def f(numbers):');
  await code.get('writer-first').fill('def f(n):');
  await code.get('writer-first').press('Enter');
  await code.page.keyboard.press('Escape');
  await expect(code.get('writer-write')).toBeEnabled();
  expect((await source(code)).startsWith(mine.trimEnd())).toBe(true);
  // Other code comes while the model writes: nothing more is written into it.
  await code.get('writer-write').click();
  await code.put({ ...link, source: '# other\ndef other(n):\n    return n\n', entry: 'other' });
  await expect(code.get('writer-write')).toBeEnabled({ timeout: 90_000 });
  expect(await source(code)).toBe('# other\ndef other(n):\n    return n\n');
  await expect(code.get('entry')).toHaveValue('other');
  // Another language has no such model.
  await code.get('language').selectOption('javascript');
  await expect(code.get('write')).toBeDisabled();
  await expect(code.get('write')).toHaveAttribute('title', /Python only/);
  await expect(code.get('writer')).toHaveCount(0);
});

test('a model that does not come says so, and the next attempt writes', async ({ page, faults }) => {
  faults.allow(/status of|Failed to load|ERR_/);
  const host = await serve({ fault: (path, response) => path.includes('pocket-python/model.safetensors') && (response.writeHead(404).end(), true) });
  const code = await new CodePage(page, host.base).open();
  await open(code);
  const before = await source(code);
  await code.get('writer-write').click();
  await expect(code.get('writer-problem')).toContainText(/404/, { timeout: 60_000 });
  expect(await source(code)).toBe(before);
  host.fault = () => false;
  await code.get('writer-write').click();
  await written(code);
  await host.stop();
});

test('on a narrow screen nothing is wider than it, and the panel closes with its button', async ({ code }) => {
  await code.page.setViewportSize({ width: 390, height: 844 });
  await open(code);
  expect(await code.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await code.get('write').click();
  await expect(code.get('writer')).toHaveCount(0);
});
