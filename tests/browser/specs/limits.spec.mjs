// Programs that would not end, or would take too much: each ends by its limit, and the next run works.
import { expect, test } from '../support/test.mjs';

const after = { language: 'wat', source: '(module (func (export "f") (result i32) (i32.const 7)))', entry: 'f' };

const bombs = [
  ['Python without end', 'out_of_fuel', {
    language: 'python', source: 'def f():\n    while True:\n        pass\n', entry: 'f', limits: { fuel: '100000000' },
  }],
  ['a module without end', 'out_of_fuel', {
    language: 'wat', source: '(module (func (export "f") (loop (br 0))))', entry: 'f', limits: { fuel: '100000000' },
  }],
  ['a list that doubles', 'out_of_memory', {
    language: 'python', source: 'def f():\n    x = [0]\n    while True:\n        x += x\n', entry: 'f',
    limits: { memory_bytes: 128 << 20 },
  }],
  ['a module that takes every page', 'out_of_memory', {
    language: 'wat', entry: 'f', limits: { memory_bytes: 1 << 20 },
    source: '(module (memory 1) (func (export "f") (loop (br_if 0 (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))) unreachable))',
  }],
  ['output without end', 'output_too_large', {
    language: 'python', source: "while True:\n    print('x' * 10000)\n", limits: { output_bytes: 1 << 20 },
  }],
  ['a value larger than the output limit', 'output_too_large', {
    language: 'python', source: "def f():\n    return 'x' * 100000\n", entry: 'f', limits: { output_bytes: 1 << 10 },
  }],
  ['time', 'past_deadline', {
    language: 'python', source: 'def f():\n    while True:\n        pass\n', entry: 'f',
    limits: { fuel: '9000000000000000000', wall_ms: 300 },
  }],
  ['depth', 'out_of_depth', {
    language: 'wat', source: '(module (func $f (export "f") (call $f) (call $f)))', entry: 'f',
  }],
];

test('every bomb ends by its limit, fuel is then a lower bound, and the next run is unaffected', async ({ code }) => {
  for (const [name, outcome, program] of bombs) {
    const report = await code.measure(program);
    expect([name, report.outcome, report.fuel_is_lower_bound]).toEqual([name, outcome, true]);
    await expect(code.get('outcome-a')).toContainText(/[A-Z].*\./);
    const next = await code.measure(after);
    expect([next.outcome, next.net_fuel, next.value.text]).toEqual(['finished', '2', '7']);
  }
});

test('Stop ends a loop without end within 500 ms, and the next run works', async ({ code }) => {
  const source = 'def f(n):\n    while n:\n        pass\n    return n\n';
  // The first run fetches the guest, so that Stop below stops a loop and not a download.
  // No limit may end the loop before Stop does, however slow the machine.
  const limits = { fuel: '1000000000000000', wall_ms: 600_000 };
  await code.measure({ language: 'python', source, entry: 'f', args: '[0]', limits });
  await code.get('arguments').fill('[1]');
  await code.run();
  await expect(code.get('working-a')).toBeVisible();
  await code.page.waitForTimeout(1_000);
  // Timed inside the page: from the press to the word.
  const ms = await code.page.evaluate(() => new Promise((resolve) => {
    const begun = performance.now();
    new MutationObserver(() => {
      if (document.querySelector('[data-testid=stopped-a]')) resolve(performance.now() - begun);
    }).observe(document.body, { childList: true, subtree: true });
    document.querySelector('[data-testid=stop]').click();
  }));
  expect(ms).toBeLessThan(500);
  await code.get('arguments').fill('[0]');
  await code.run();
  expect(await code.ended()).toBe('finished');
});

test('a limit that is no number is named, and nothing runs', async ({ code }) => {
  await code.put(after);
  await code.get('limits').locator('summary').click();
  for (const [field, wrong] of [['fuel', '1e9'], ['memory', '0.1'], ['depth', '10'], ['time', '-1'], ['output', '']]) {
    const input = code.get(`limit-${field}`);
    const right = await input.inputValue();
    await input.fill(wrong);
    await expect(input).toHaveAttribute('aria-invalid', 'true');
    await code.run();
    await expect(code.get('run-problem')).toContainText(`\`${field}\``);
    await input.fill(right);
  }
  await code.run();
  expect(await code.ended()).toBe('finished');
});
