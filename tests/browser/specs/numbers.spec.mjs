// 2^53 + 1 on every door: a number that floats cannot hold, as a value, as a limit, and as a count of fuel.
import { measure, measureOnServer, startServer } from '../support/command.mjs';
import { CodePage } from '../support/code_page.mjs';
import { unpack } from '../support/link.mjs';
import { expect, test } from '../support/test.mjs';

const LARGE = '9007199254740993';
/** A refused table.grow is charged by the element: two million of them cost more than 2^53. */
const source = `(module
  (table 1 2 funcref)
  (func (export "f") (param $value i64) (result i64)
    (local $turns i32)
    (local.set $turns (i32.const 2097153))
    (loop $again
      (drop (table.grow (ref.null func) (i32.const -1)))
      (br_if $again (local.tee $turns (i32.sub (local.get $turns) (i32.const 1)))))
    (local.get $value)))`;
const program = { language: 'wat', source, entry: 'f', args: `[${LARGE}]`, limits: { fuel: '9007199254740993001' } };

let server;
test.beforeAll(async () => {
  server = await startServer('--fuel-max', String(2n ** 63n - 2n));
});
test.afterAll(() => server.stop());

test('value, limit and fuel above 2^53 survive tab, command line, server, page and link', async ({ page }) => {
  const native = await measure(program);
  expect(native.value.text).toBe(LARGE);
  expect(native.limits.fuel).toBe(program.limits.fuel);
  expect(BigInt(native.net_fuel)).toBeGreaterThan(2n ** 53n);
  // Odd, or above every integer that a float holds exactly: rounding would show.
  expect(BigInt(Number(native.net_fuel))).not.toBe(BigInt(native.net_fuel));

  const served = await measureOnServer(server.origin, program);
  const code = new CodePage(page, server.base);
  await code.put(program);
  await code.get('server').check();
  await code.run();
  expect(await code.ended()).toBe('finished');
  await expect(code.get('agreement-a')).toHaveAttribute('data-equal', 'true');
  const tab = await code.report();
  await page.locator('.server-result > summary').click();
  const onServer = await code.report('server-a');
  for (const report of [served, tab, onServer]) {
    expect([report.net_fuel, report.raw_fuel, report.value.text, report.limits.fuel]).toEqual(
      [native.net_fuel, native.raw_fuel, LARGE, program.limits.fuel]);
  }
  expect(await code.fuel('net')).toBe(native.net_fuel);
  await expect(code.get('value-a')).toHaveText(LARGE);

  await code.get('share').click();
  const link = await code.get('share-link').inputValue();
  const shared = JSON.parse(unpack(link.split('#')[1]));
  expect([shared.fuel, shared.input.call.arguments_json]).toEqual([program.limits.fuel, program.args]);
  const other = await page.context().newPage();
  await other.goto(link);
  await expect(other.getByTestId('arguments')).toHaveValue(`[${LARGE}]`);
  await other.getByTestId('run').click();
  await expect(other.getByTestId('net-fuel-a')).toHaveAttribute('data-fuel', native.net_fuel);
});

test('integers of any length go in and come out of Python', async ({ page, host }) => {
  const code = await new CodePage(page, host.base).open();
  const report = await code.measure({ language: 'python', source: 'def f(n):\n    return n\n', entry: 'f', args: `[${LARGE}]` });
  expect(report.value.text).toBe(LARGE);
});
