// Stored results on the Bench page: models and heat map, single problems, traces, links.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { BenchPage } from '../support/bench_page.mjs';
import { temporaryFolder } from '../support/command.mjs';
import { root } from '../support/host.mjs';
import { saved } from '../support/save.mjs';
import { expect, test } from '../support/test.mjs';

const stored = (name) => join(root, 'public/problems/stored', name);
const read = (name) => JSON.parse(readFileSync(stored(name), 'utf8'));
const digits = (text) => text.replace(/\D/g, '');
const overflow = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

/** The Bench page with the stored result of a link. */
async function linked(page, host, example) {
  const bench = await new BenchPage(page, host.base).open();
  await bench.get(example).click();
  await expect(bench.get('scores')).toHaveAttribute('data-complete', 'true');
  return bench;
}

test('a comparison shows every model with its intervals, and who is cheaper than whom', async ({ page, host }) => {
  const report = read('comparison.json');
  const bench = await linked(page, host, 'example-comparison');
  for (const { name, metrics, intervals } of report.models) {
    const row = bench.get('models').locator(`tr[data-model="${name}"]`);
    await expect(row.locator('[data-metric=dps]')).toHaveText(metrics.dps.toFixed(3));
    for (const key of Object.keys(intervals)) {
      const ends = intervals[key].map((end) => end.toFixed(3)).join(' to ');
      await expect(row.locator(`[data-interval="${key}"]`)).toHaveText(ends);
    }
  }
  await expect(bench.get('failures')).toContainText('Failures by kind');
  const cell = (row, column) => bench.get('matrix').locator(`[data-pair="${row}-${column}"]`);
  const measures = {
    dps: (row, column) => report.aligned_dps[row][column].dps.toFixed(1),
    wins: (row, column) => {
      const { wins, ties, common_tasks } = report.cost_pairs[row][column];
      return `${((100 * (wins + ties / 2)) / common_tasks).toFixed(0)}\u202f%`;
    },
    cost: (row, column) => report.cost_pairs[row][column].cost_ratio.toFixed(report.cost_pairs[row][column].cost_ratio < 100 ? 2 : 0),
  };
  for (const [measure, text] of Object.entries(measures)) {
    await bench.get('matrix-measure').selectOption(measure);
    for (const row of report.models.keys()) {
      for (const column of report.models.keys()) {
        if (row !== column) await expect(cell(row, column)).toContainText(text(row, column));
      }
    }
  }
  // The file behind the heat map.
  const csv = (await saved(page, bench.get('export-models.csv'))).trimEnd().split(/\r?\n/);
  expect(csv.length).toBe(1 + report.models.length * (report.models.length - 1));
  expect(csv[0].split(',').slice(0, 4)).toEqual(['model', 'opponent', 'common_tasks', 'wins']);
  await bench.get('matrix-list').locator('summary').click();
  await expect(bench.get('matrix-list').locator('tbody tr')).toHaveCount(csv.length - 1);
  expect(JSON.parse(await saved(page, bench.get('export-json')))).toEqual(report);
  expect(await saved(page, bench.get('export-md'))).toContain('# frugal comparison');
});

test('the heat map says without colour which model is ahead', async ({ page, host }) => {
  const report = read('comparison.json');
  const bench = await linked(page, host, 'example-comparison');
  await bench.get('matrix-measure').selectOption('cost');
  for (const scheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme: scheme });
    for (const [row, pairs] of report.cost_pairs.entries()) {
      for (const [column, pair] of pairs.entries()) {
        if (!pair) continue;
        const style = await bench.get('matrix').locator(`[data-pair="${row}-${column}"]`).evaluate((cell) => {
          const { fontWeight, backgroundImage } = getComputedStyle(cell);
          return { bold: Number(fontWeight) > 500, dotted: backgroundImage !== 'none' };
        });
        expect(style.dotted, `${row} against ${column}`).toBe(pair.cost_ratio > 1);
        if (pair.cost_ratio < 1) expect(style.bold).toBe(true);
      }
    }
  }
});

test('a row opens to its problem by the keyboard, and keeps open when sorted and filtered', async ({ page, host }) => {
  const report = read('comparison.json');
  const bench = await linked(page, host, 'example-comparison');
  const row = page.locator('[data-testid=row][data-task=rug_sizes][data-model="2"][data-sample="0"]');
  const opener = row.getByTestId('open-row');
  await expect(opener).toHaveAttribute('aria-expanded', 'false');
  await opener.focus();
  await page.keyboard.press('Enter');
  await expect(opener).toHaveAttribute('aria-expanded', 'true');
  const problem = report.problems.find(({ task_id }) => task_id === 'rug_sizes');
  const rows = bench.get('detail-samples').locator('tbody tr');
  await expect(rows).toHaveCount(problem.references.length + problem.samples.length);
  await expect(bench.get('detail-samples').locator('tr[aria-current]')).toHaveCount(1);
  for (const sample of problem.samples) {
    const shown = bench.get('detail-samples').locator(`tr[data-detail="${sample.model}-${sample.index}"]`);
    await expect(shown.locator('[data-verdict]')).toHaveAttribute('data-verdict', sample.verdict);
    const fuel = sample.fuel.reduce((sum, one) => sum + BigInt(one.net_fuel), 0n);
    if (sample.fuel.length > 0) expect(digits(await shown.locator('td').nth(1).textContent())).toBe(String(fuel));
    if (sample.failure) await expect(shown).toContainText(sample.failure);
  }
  await bench.get('detail-cases').locator('summary').click();
  await expect(bench.get('detail-cases').locator('tbody tr').first()).toBeVisible();
  // The words of a verdict are the same in the row and in its problem.
  const mark = (place) => place.locator('.verdict').first().evaluate((element) => element.textContent.trim());
  expect(await mark(bench.get('detail-samples').locator('tr[aria-current]'))).toBe(await mark(row));
  await bench.get('sort-fuel').click();
  await bench.get('results-filter').fill('rug');
  await expect(bench.get('row')).toHaveCount(problem.samples.length);
  await expect(bench.get('detail')).toHaveCount(1);
  await bench.get('results-filter').fill('expert');
  await expect(bench.get('row')).toHaveCount(report.problems.flatMap(({ samples }) => samples).filter(({ model }) => model === 2).length);
  await opener.click();
  await expect(bench.get('detail')).toHaveCount(0);
});

test('a trace is read stage by stage', async ({ page, host }) => {
  const report = read('trace.json');
  const bench = await linked(page, host, 'example-trace');
  const [problem] = report.problems;
  const steps = bench.get('trace-step');
  await expect(steps).toHaveCount(problem.trace.length);
  await expect(bench.get('trace-prompt')).toHaveCount(0);
  await expect(bench.get('trace-verdict')).toHaveText(problem.trace.map((step) => step.verdict));
  await steps.first().locator('summary').focus();
  await page.keyboard.press('Enter');
  await expect(bench.get('trace-prompt').first()).toHaveText(problem.trace[0].prompt);
  await expect(bench.get('trace-reply').first()).toHaveText(problem.trace[0].reply);
  await bench.get('trace-open-all').click();
  await expect(bench.get('trace-reply')).toHaveCount(problem.trace.length);
  await bench.get('trace-stage').selectOption('judge');
  await expect(steps.filter({ visible: true })).toHaveCount(problem.trace.filter(({ stage }) => stage === 'judge').length);
  await expect(bench.get('trace-candidates').locator('tr[aria-current]')).toContainText('★ chosen');
  await expect(bench.get('trace-tests').locator('tbody tr')).toHaveCount(problem.tests.length);
  const chosen = problem.candidates.find((one) => one.is_chosen);
  await expect(bench.get('trace-candidates')).toContainText(String(chosen.passes));
  await expect(bench.get('trace-totals')).toContainText('Tokens');
  await expect(bench.get('row')).toHaveCount(0);
  expect(await saved(page, bench.get('export-txt'))).toContain(problem.trace[0].prompt);
});

test('whatever a model or a sample says stays text', async ({ page, host }) => {
  const { folder, free } = temporaryFolder();
  const hostile = '</pre><img src=x onerror="window.broken = 1"><script>window.broken = 1</script>\u202edesrever\u0007';
  const trace = read('trace.json');
  for (const step of trace.problems[0].trace) Object.assign(step, { reply: hostile, prompt: hostile, verdict: hostile, name: hostile });
  trace.problems[0].candidates[0].name = hostile;
  trace.problems[0].optimized.code = hostile;
  const comparison = read('comparison.json');
  comparison.models[0].name = hostile;
  comparison.problems[0].samples[0].message = hostile;
  comparison.problems[0].samples[0].failure = hostile;
  comparison.problems[0].references[0].name = hostile;
  const bench = await new BenchPage(page, host.base).open();
  for (const [name, report] of Object.entries({ trace, comparison })) {
    const file = join(folder, `${name}.json`);
    writeFileSync(file, JSON.stringify(report));
    await bench.get('file-stored').setInputFiles(file);
    await expect(bench.get('report').locator('section').first()).toBeVisible();
    if (name === 'trace') await bench.get('trace-open-all').click();
    else await bench.get('open-row').first().click();
    const shown = bench.get(name === 'trace' ? 'trace-reply' : 'detail-samples').first();
    await expect(shown).toContainText('\\u{202e}desrever\\u{7}');
    expect(await page.locator('main img, main script').count()).toBe(0);
    expect(await page.evaluate(() => window.broken)).toBeUndefined();
  }
  free();
});

test('results without models in common, without steps, of older versions and of other kinds say so', async ({ page, host }) => {
  const { folder, free } = temporaryFolder();
  const bench = await new BenchPage(page, host.base).open();
  const open = async (report) => {
    const file = join(folder, 'result.json');
    writeFileSync(file, typeof report === 'string' ? report : JSON.stringify(report));
    await bench.get('file-stored').setInputFiles(file);
  };
  const older = read('comparison.json');
  delete older.cost_pairs;
  await open(older);
  await expect(bench.get('matrix-measure').locator('option')).toHaveText(['DPS on common tasks']);
  const strangers = read('comparison.json');
  for (const table of ['aligned_dps', 'cost_pairs']) strangers[table] = strangers[table].map((row) => row.map(() => null));
  await open(strangers);
  await expect(bench.get('matrix-empty')).toContainText('No two models');
  const alone = read('comparison.json');
  alone.models.splice(1);
  Object.assign(alone, { aligned_dps: [], cost_pairs: [] });
  for (const problem of alone.problems) problem.samples = problem.samples.filter(({ model }) => model === 0);
  await open(alone);
  await expect(bench.get('models').locator('tbody tr')).toHaveCount(1);
  await expect(bench.get('matrix')).toHaveCount(0);
  const silent = read('trace.json');
  silent.problems[0].trace = [];
  await open(silent);
  await expect(bench.get('trace-empty')).toBeVisible();
  await open({ ...older, models: 'none' });
  await expect(bench.get('bench-failed')).toContainText('result.json');
  await expect(bench.get('report')).toBeEmpty();
  await open('{"schema": "frugal.run/1"}');
  await expect(bench.get('bench-failed')).toContainText('frugal.comparison/1');
  free();
});

test('a link opens a result, and one that leads nowhere says what to do', async ({ page, host, faults }) => {
  faults.allow(/status of 404/);
  await page.goto(`${host.base}bench/#open=${encodeURIComponent(`${host.base}problems/stored/trace.json`)}`);
  const bench = new BenchPage(page, host.base);
  await expect(bench.get('trace-step').first()).toBeVisible();
  await page.evaluate(() => { location.hash = '#open=problems/stored/comparison.json'; });
  await expect(bench.get('matrix')).toBeVisible();
  await expect(bench.get('trace-step')).toHaveCount(0);
  await page.evaluate(() => { location.hash = '#open=problems/stored/absent.json'; });
  await expect(bench.get('bench-problem')).toContainText('absent.json');
  // Another file takes the address of the old one away.
  await bench.get('file-stored').setInputFiles(stored('trace.json'));
  await expect(bench.get('trace-step').first()).toBeVisible();
  expect(new URL(page.url()).hash).toBe('');
});

test('results fit 390 px with every part open, light and dark, and every control has a name', async ({ page, host }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  for (const example of ['example-comparison', 'example-trace']) {
    const bench = await linked(page, host, example);
    await expect(bench.get('report').locator('section').first()).toBeVisible();
    if (example === 'example-trace') await bench.get('trace-open-all').click();
    else await bench.get('open-row').first().click();
    await page.evaluate(() => document.querySelectorAll('main details').forEach((part) => { part.open = true; }));
    expect(await overflow(page), example).toBe(0);
    const nameless = await page.evaluate(() => [...document.querySelectorAll('button, input, select, [role=region]')]
      .filter((element) => element.checkVisibility())
      .filter((element) => !(element.getAttribute('aria-label') || element.labels?.[0]?.textContent?.trim() || element.textContent.trim()))
      .map((element) => element.outerHTML.slice(0, 120)));
    expect(nameless).toEqual([]);
  }
});

test('rows are found by how they failed, stand together by model, and say why no cell of theirs runs here', async ({ page, host }) => {
  const report = read('comparison.json');
  const samples = report.problems.flatMap((problem) => problem.samples);
  const bench = await linked(page, host, 'example-comparison');
  const count = (n) => expect(bench.get('results-found')).toHaveText(n === samples.length ? `${n} samples` : `${n} of ${samples.length} samples`);
  await count(samples.length);
  const failed = samples.filter((sample) => !sample.passed);
  expect(failed.length).toBeGreaterThan(0);
  await bench.get('results-kind').selectOption('failed');
  await count(failed.length);
  const kind = failed[0].verdict;
  await bench.get('results-kind').selectOption(kind);
  await count(failed.filter((sample) => sample.verdict === kind).length);
  await bench.get('results-kind').selectOption('');
  await bench.get('sort-model').click();
  await expect(bench.get('sort-model')).toHaveAttribute('aria-pressed', 'true');
  const models = await bench.get('row').evaluateAll((rows) => rows.map((row) => row.dataset.model));
  expect(models.length).toBeGreaterThan(1);
  expect(new Set(models.filter((model, at) => model !== models[at - 1])).size).toBe(models.filter((model, at) => model !== models[at - 1]).length);
  await expect(bench.get('again-note')).toContainText(`frugal eval --suite ${report.suite}`);
  await expect(bench.get('again').first()).toBeDisabled();
  await expect(page.getByText('our own solutions, some with planted faults')).toBeVisible();
  await expect(page.getByText('a scripted endpoint gave its answers')).toBeVisible();
});
