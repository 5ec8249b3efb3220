// Share links: everything survives, and a hostile one harms nothing.
import { randomBytes } from 'node:crypto';

import { CodePage } from '../support/code_page.mjs';
import { fragment, pack, state, unpack } from '../support/link.mjs';
import { expect, test } from '../support/test.mjs';

const full = {
  language: 'python',
  source: "def f(a, b):\n    return a + b  # é \u202e 漢字 👩‍💻\n",
  second: 'def f(a, b):\n    return b + a\n',
  entry: 'f',
  args: '[[1, 2], {"k": "</script>"}]',
  limits: { fuel: '9007199254740993', setup_fuel: '9007199254740995', memory_bytes: 3 << 19, output_bytes: 1025, call_depth: 1234, wall_ms: 777 },
};

/** The state in the link that the page offers. */
async function offered(code) {
  await code.get('share').click();
  const link = await code.get('share-link').inputValue();
  await code.get('share').click();
  return link;
}

test('a link holds everything, its size is said, and it opens to the same', async ({ code, context }) => {
  for (const program of [full, { language: 'javascript', source: 'console.log(1)', stdin: 'a\u0000b\n' }, { language: 'wat', source: '(module)', entry: 'x' }]) {
    await code.put(program);
    const link = await offered(code);
    expect(link.startsWith(`${code.base}code/#`)).toBe(true);
    const want = JSON.parse(JSON.stringify(state(program)));
    expect(JSON.parse(unpack(link.split('#')[1]))).toEqual(want);
    const other = await new CodePage(await context.newPage(), code.base);
    await other.page.goto(link);
    await expect(other.get('language')).toHaveValue(program.language);
    expect(JSON.parse(unpack((await offered(other)).split('#')[1]))).toEqual(want);
    await other.page.close();
  }
  await code.put(full);
  await code.get('share').click();
  const link = await code.get('share-link').inputValue();
  const said = await code.get('share-size').textContent();
  expect(said.replace(/\D/g, '')).toBe(String(link.length));
});

test('a link can be copied', async ({ code, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await code.put(full);
  await code.get('share').click();
  await code.get('share-copy').click();
  await expect(code.get('share-copy')).toHaveText('Copied');
  expect(await code.page.evaluate(() => navigator.clipboard.readText())).toBe(await code.get('share-link').inputValue());
});

test('a limit that is no number is named instead of being shared as another', async ({ code }) => {
  await code.get('limits').locator('summary').click();
  await code.get('limit-fuel').fill('many');
  await code.get('share').click();
  await expect(code.get('share-problem')).toContainText('`fuel`');
});

test('a source too long for a link says how long', async ({ code }) => {
  const noise = randomBytes(90_000).toString('base64').replace(/.{76}/g, '$&\n# ');
  await code.get('open-file').setInputFiles({ name: 'a.py', mimeType: 'text/plain', buffer: Buffer.from(`# ${noise}`) });
  await expect(code.get('editor-a').locator('.cm-content')).toContainText('# ');
  await code.get('share').click();
  await expect(code.get('share-problem')).toContainText(/\d+ bytes, above the cap/);
});

const program = { language: 'python', source: 'def f():\n    return 1\n', entry: 'f' };
const good = fragment(program);
const json = state(program);
const hostile = [
  ['not base64', 'not base64!', /damaged/],
  ['cut short', good.slice(0, -9), /damaged/],
  ['not compressed', Buffer.from(JSON.stringify(json)).toString('base64url'), /damaged/],
  ['a prototype', pack(`{"__proto__":{"polluted":1},${JSON.stringify(json).slice(1)}`), /damaged.*__proto__/],
  ['a constructor', pack(JSON.stringify({ ...json, constructor: { prototype: {} } })), /damaged.*constructor/],
  ['another version', pack(JSON.stringify({ ...json, v: 2 })), /version 2/],
  ['fuel as a number', pack(JSON.stringify({ ...json, fuel: 1e300 })), /damaged/],
  ['a language of its own', pack(JSON.stringify({ ...json, language: '<script>globalThis.executed=1</script>' })), /damaged/],
  ['an array', pack('[]'), /damaged/],
  ['deep', pack('['.repeat(100_000)), /damaged/],
  ['a bomb', pack(' '.repeat(30 << 20)), /damaged|above the cap/],
  ['1.9 MB', 'A'.repeat(1_900_000), /above the cap/],
];

test('a damaged or hostile link says what to do, and the page goes on', async ({ code }) => {
  for (const [name, hash, sentence] of hostile) {
    await code.page.evaluate((next) => { location.hash = next; }, hash);
    await expect(code.get('link-problem'), name).toContainText(sentence);
  }
  // Five megabytes are more than an address may have: the browser keeps the old one.
  await code.page.evaluate(() => { try { location.hash = 'A'.repeat(5 << 20); } catch {} });
  expect(await code.page.evaluate(() => [({}).polluted, globalThis.executed])).toEqual([undefined, undefined]);
  await code.put(program);
  await expect(code.get('link-problem')).toHaveCount(0);
  await code.run();
  expect(await code.ended()).toBe('finished');
});

test('a hostile link at the first load leaves a usable page', async ({ page, host }) => {
  for (const [name, hash, sentence] of hostile) {
    const code = new CodePage(page, host.base);
    await page.goto('about:blank');
    await code.open(hash.length > 1_000_000 ? hash.slice(0, 1_000_000) : hash);
    await expect(code.get('link-problem'), name).toContainText(sentence);
  }
});

test('markup, steering characters and NUL in sources, names and output are shown and never run', async ({ code }) => {
  const markup = '<script>globalThis.executed=1</script><img src=x onerror="globalThis.executed=1">';
  const steering = '\u202e\u200b\u0000\u001b[2J\u2066';
  const text = markup + steering;
  const cases = [
    { language: 'python', source: `def f():\n    print(${JSON.stringify(text)})\n    return ${JSON.stringify(text)}\n`, entry: 'f' },
    { language: 'python', source: `class E(Exception):\n    pass\nE.__name__ = E.__qualname__ = ${JSON.stringify(text.replaceAll('\u0000', ''))}\ndef f():\n    raise E(${JSON.stringify(text)})\n`, entry: 'f' },
    { language: 'javascript', source: `function f() { console.log(${JSON.stringify(text)}); throw new Error(${JSON.stringify(text)}); }`, entry: 'f' },
    { language: 'wat', source: `(module (func (export "${markup.replaceAll('"', '\\"')}")))`, entry: markup + steering },
    { language: 'wat', source: `(module ${text})`, entry: 'f' },
    { language: 'python', source: `def f():\n    return 1\n`, entry: text },
  ];
  for (const program of cases) {
    await code.measure(program);
    const shown = await code.get('result-a').innerText();
    expect(shown).not.toMatch(/[\u202e\u200b\u0000\u001b\u2066]/);
    const status = await code.get('status').textContent();
    expect(status).not.toMatch(/[\u202e\u200b\u0000\u001b\u2066]/);
    expect(await code.page.evaluate(() => document.querySelectorAll('img, main script').length)).toBe(0);
  }
  await code.get('share').click();
  expect(await code.page.evaluate(() => globalThis.executed)).toBe(undefined);
  await expect(code.get('result-a')).toContainText('script');
});
