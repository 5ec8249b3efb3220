// Two tabs, reloads in mid-run, and workers that die.
import { CodePage } from '../support/code_page.mjs';
import { expect, test } from '../support/test.mjs';

const endless = { language: 'python', source: 'def f():\n    while True:\n        pass\n', entry: 'f', limits: { fuel: '9000000000000000000' } };
const quick = { language: 'python', source: 'def f():\n    return 6 * 7\n', entry: 'f' };

test('two tabs run at once, and stopping one leaves the other alone', async ({ code, context, host }) => {
  const first = await code.measure(quick);
  const other = await new CodePage(await context.newPage(), host.base).open();
  await other.put(endless);
  await other.run();
  await expect(other.get('working-a')).toBeVisible();
  const both = await code.measure({ ...quick, source: `${quick.source}# again\n` });
  expect([both.outcome, both.value.text]).toEqual(['finished', '42']);
  await other.get('stop').click();
  await expect(other.get('stopped-a')).toBeVisible();
  const [here, there] = [await code.measure(quick), await other.measure(quick)];
  expect([here.net_fuel, there.net_fuel]).toEqual([first.net_fuel, first.net_fuel]);
});

test('a reload in mid-run gives the page back usable, with the draft', async ({ code }) => {
  await code.put(quick);
  await code.run();
  await code.ended();
  await code.put(endless);
  await code.type('a', `${endless.source}# my draft`);
  await code.run();
  await expect(code.get('working-a')).toBeVisible();
  await code.page.waitForTimeout(500);
  await code.page.reload();
  await expect(code.get('editor-a').locator('.cm-content')).toContainText('# my draft');
  await expect(code.get('run')).toBeEnabled();
  await expect(code.get('results')).toBeHidden();
  expect((await code.measure(quick)).outcome).toBe('finished');
});

test('leaving the page in mid-run stops it, and coming back it is usable', async ({ code }) => {
  await code.put(quick);
  await code.run();
  await code.ended();
  await code.put(endless);
  await code.run();
  await expect(code.get('working-a')).toBeVisible();
  await code.get('nav-bench').click();
  await expect(code.page.locator('h1')).toContainText('solutions');
  await code.page.goBack();
  await expect(code.get('run')).toBeEnabled();
  expect((await code.measure(quick)).outcome).toBe('finished');
});

test('another program put on the page in mid-run ends the run, and nothing of it is shown', async ({ code }) => {
  await code.measure(quick);
  await code.put(endless);
  await code.run();
  await expect(code.get('working-a')).toBeVisible();
  const next = await code.measure(quick);
  expect(next.value.text).toBe('42');
  await code.page.waitForTimeout(300);
  await expect(code.get('value-a')).toHaveText('42');
});

/** The worker that the page speaks to. */
async function coordinator(page) {
  for (const worker of page.workers()) {
    if (await worker.evaluate(() => self.name) === 'frugal-coordinator') return worker;
  }
  throw new Error('the page has no coordinator');
}

test('a worker that throws is reported, and the next run gets a fresh one', async ({ code }) => {
  const first = await code.measure(quick);
  await code.put(endless);
  await code.run();
  await expect(code.get('working-a')).toBeVisible();
  const worker = await coordinator(code.page);
  await worker.evaluate(() => { setTimeout(() => { throw new Error('broken on purpose'); }, 0); });
  await expect(code.get('failed-a')).toContainText('broken on purpose');
  await expect(code.get('failed-a')).toContainText('Run again');
  await expect(code.get('engine-problem')).toBeVisible();
  const again = await code.measure(quick);
  expect([again.outcome, again.net_fuel]).toEqual(['finished', first.net_fuel]);
  await expect(code.get('engine-problem')).toHaveCount(0);
});

test('a worker that is killed without a word is given up at Stop, and the next run gets a fresh one', async ({ code }) => {
  await code.measure(quick);
  const worker = await coordinator(code.page);
  await worker.evaluate(() => self.close());
  await code.put(quick);
  await code.run();
  await expect(code.get('working-a')).toBeVisible();
  await code.page.waitForTimeout(500);
  await code.get('stop').click();
  await expect(code.get('failed-a')).toContainText('did not answer Stop', { timeout: 10_000 });
  expect((await code.measure(quick)).outcome).toBe('finished');
});

test('a runner that crashes is reported, and one that crashes between two runs harms neither', async ({ code }) => {
  await code.measure(quick);
  const worker = await coordinator(code.page);
  // A runner is the coordinator's own worker: its error event is what a crash looks like from there.
  await worker.evaluate(() => {
    const post = Worker.prototype.postMessage;
    Worker.prototype.postMessage = function (...message) {
      self.lastRunner = this;
      return post.apply(this, message);
    };
  });
  const crash = () => worker.evaluate(() => {
    self.lastRunner.dispatchEvent(new ErrorEvent('error', { message: 'out of memory', cancelable: true }));
  });
  await code.put(endless);
  await code.run();
  await expect(code.get('working-a')).toBeVisible();
  await code.page.waitForTimeout(300);
  await crash();
  await expect(code.get('failed-a')).toContainText('out of memory');
  expect((await code.measure(quick)).outcome).toBe('finished');
  await crash();
  expect((await code.measure(quick)).outcome).toBe('finished');
});
