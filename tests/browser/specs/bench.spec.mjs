// The Bench page: the demonstration set, own files, export, and the same numbers as `frugal eval`.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { BenchPage } from '../support/bench_page.mjs';
import { frugal, temporaryFolder } from '../support/command.mjs';
import { root, serve } from '../support/host.mjs';
import { saved } from '../support/save.mjs';
import { expect, test } from '../support/test.mjs';

const demo = (name) => join(root, 'public/problems/demo', name);
const small = (name) => join(root, 'tests/vectors/enamel-small', name);

/** The report of `frugal eval` on the same files. */
async function evaluate(problems, samples, k, ...more) {
  const { folder, free } = temporaryFolder();
  const out = join(folder, 'result.json');
  const guests = join(root, 'public/guests');
  const { code, stderr } = await frugal(
    'eval', '--problems', problems, '--samples', samples, '--k', k, '--out', out, '--guests', guests, ...more);
  expect([code, stderr.includes('error')]).toEqual([0, false]);
  const report = JSON.parse(readFileSync(out, 'utf8'));
  free();
  return report;
}

/** Everything but where and when it ran. */
function facts({ timing, provenance, ...report }) {
  const { engine, meter, ...origin } = provenance;
  return { ...report, origin };
}

/** Rows of a CSV whose cells hold no line breaks, as objects; the reader is this spec's own. */
function parseCsv(text) {
  const cells = (line) => [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].map(([, cell]) =>
    cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell);
  const [head, ...lines] = text.trimEnd().split(/\r?\n/);
  const names = cells(head);
  return lines.map((line) => Object.fromEntries(cells(line).map((cell, at) => [names[at], cell])));
}

test('the demonstration set runs in one click, gives what `frugal eval` gives, and exports it', async ({ page, host }) => {
  test.setTimeout(240_000);
  const bench = await new BenchPage(page, host.base).open();
  const native = evaluate(demo('problems.csv'), demo('samples.json'), '1');
  await bench.get('demo').click();
  await expect(bench.get('progress').getByRole('progressbar')).toHaveAttribute('value', /[1-9]/);
  expect(await bench.scored()).toBe(true);
  const report = await bench.json();
  const expected = await native;
  expect(facts(report)).toEqual(facts(expected));
  expect(report.problems.length).toBeGreaterThanOrEqual(10);
  expect(Object.keys(report.metrics)).toEqual(expect.arrayContaining(['pass@1', 'eff@1']));
  await expect(page.getByTestId('scores')).toContainText('pass@1');
  await expect(page.getByTestId('scores')).toContainText('eff@1');

  const samples = report.problems.flatMap((problem) => problem.samples.map((sample) => ({ ...sample, task: problem.task_id })));
  const rows = await bench.rows();
  expect(rows.length).toBe(samples.length);
  for (const { task, index, verdict } of samples) {
    expect(rows.find((row) => row.task === task && row.sample === index)?.verdict).toBe(verdict);
  }
  const csv = parseCsv(await bench.csv());
  expect(csv.length).toBe(samples.length);
  expect(csv.map((row) => row.verdict).sort()).toEqual(samples.map(({ verdict }) => verdict).sort());

  // This cell, measured again: the same verdict and the same integer.
  const passed = page.locator('[data-testid=row][data-verdict=passed]').first();
  const failing = page.locator('[data-testid=row]:not([data-verdict=passed])').first();
  for (const row of [passed, failing]) {
    await row.getByTestId('again').click();
    await expect(row.locator('[data-equal]')).toHaveAttribute('data-equal', 'true', { timeout: 60_000 });
  }
});

test('Stop keeps what is judged, and the next run is whole', async ({ page, host }) => {
  test.setTimeout(240_000);
  const bench = await new BenchPage(page, host.base).open();
  await bench.get('demo').click();
  await expect(bench.get('row').first()).toBeVisible();
  const begun = Date.now();
  await bench.get('stop').click();
  expect(await bench.scored()).toBe(false);
  expect(Date.now() - begun).toBeLessThan(2_000);
  const partial = await bench.json();
  expect(partial.problems.length).toBeGreaterThan(0);
  await bench.get('problems-max').fill('2');
  await bench.run();
  await expect(bench.get('scores')).toHaveAttribute('data-complete', 'true', { timeout: 60_000 });
  expect((await bench.json()).problems.length).toBe(2);
});

test('own files in every form of samples give what `frugal eval` gives', async ({ page, host }) => {
  test.setTimeout(240_000);
  const bench = await new BenchPage(page, host.base).open();
  // All problems of one form; of the others the first, because the rest is the same work again.
  for (const [samples, first] of [['samples-list.json', []], ['samples-dict.json', ['1']], ['samples-evalplus.jsonl', ['1']]]) {
    await bench.choose(small('enamel.csv'), small(samples));
    await bench.get('k').fill('1, 2');
    await bench.get('problems-max').fill(first.join());
    const native = evaluate(small('enamel.csv'), small(samples), '1,2', ...first.flatMap((count) => ['--limit', count]));
    await bench.run();
    expect(await bench.scored()).toBe(true);
    expect(facts(await bench.json())).toEqual(facts(await native));
  }
});

test('a file is dropped as it is chosen', async ({ page, host }) => {
  const bench = await new BenchPage(page, host.base).open();
  const files = await page.evaluateHandle(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(['task_id'], 'dropped.csv'));
    return transfer;
  });
  await page.locator('.drop-zone').first().dispatchEvent('drop', { dataTransfer: files });
  await expect(bench.get('held-problems')).toContainText('dropped.csv');
});

test('malformed files name file, line and field', async ({ page, host }) => {
  const bench = await new BenchPage(page, host.base).open();
  const problems = readFileSync(small('enamel.csv'), 'utf8');
  const samples = readFileSync(small('samples-evalplus.jsonl'), 'utf8');
  const [head, ...lines] = samples.split('\n');
  const cases = [
    ['no column', { name: 'p.csv', text: problems.replace('input_generator', 'inputs') }, { name: 's.jsonl', text: samples }, [/p\.csv/, /input_generator/]],
    ['an empty file', { name: 'p.csv', text: '' }, { name: 's.jsonl', text: samples }, [/p\.csv/]],
    ['not JSON', { name: 'p.csv', text: problems }, { name: 's.jsonl', text: [head, '{"task_id": ', ...lines].join('\n') }, [/s\.jsonl/, /line 2|:2\b/]],
    ['a field of another kind', { name: 'p.csv', text: problems }, { name: 's.jsonl', text: [head, '{"task_id": 7, "solution": "x"}', ...lines].join('\n') }, [/s\.jsonl/, /line 2|:2\b/, /task_id/]],
    ['no code', { name: 'p.csv', text: problems }, { name: 's.jsonl', text: [head, '{"task_id": "HumanEval/0"}', ...lines].join('\n') }, [/s\.jsonl/, /line 2|:2\b/, /solution/]],
    ['JSON of another shape', { name: 'p.csv', text: problems }, { name: 's.json', text: '[[["a"], 7]]' }, [/s\.json/]],
  ];
  for (const [name, left, right, patterns] of cases) {
    await bench.choose(left, right);
    await expect(bench.get('held-samples')).toContainText(right.name);
    await bench.run();
    const sentence = await bench.refused();
    console.log(`${name}: ${sentence}`);
    for (const pattern of patterns) expect(sentence, name).toMatch(pattern);
    await bench.choose(small('enamel.csv'), small('samples-list.json'));
  }
  await bench.get('k').fill('0');
  await bench.run();
  await expect(bench.get('bench-problem')).toContainText('above 0');
});

test.describe('without kept files', () => {
  test.use({ serviceWorkers: 'block' });

  test('a demonstration set that does not come says what to do', async ({ page, faults }) => {
    faults.allow(/status of 404/);
    const host = await serve({ fault: (path, response) => path.startsWith('problems/') && Boolean(response.writeHead(404).end()) });
    const bench = await new BenchPage(page, host.base).open();
    await bench.get('demo').click();
    await expect(bench.get('bench-problem')).toContainText('Check the connection');
    await host.stop();
  });
});

test('a stored result opens without a run, is filtered and exported, and one that is none is refused', async ({ page, host }) => {
  const bench = await new BenchPage(page, host.base).open();
  const { folder, free } = temporaryFolder();
  const stored = join(folder, 'result.json');
  await frugal('eval', '--problems', small('enamel.csv'), '--samples', small('samples-list.json'), '--k', '1,3', '--out', stored);
  const report = JSON.parse(readFileSync(stored, 'utf8'));
  await bench.get('file-stored').setInputFiles(stored);
  await expect(bench.get('scores')).toHaveAttribute('data-complete', 'true');
  const samples = report.problems.flatMap((problem) => problem.samples);
  await expect(bench.get('row')).toHaveCount(samples.length);
  await expect(bench.get('again').first()).toBeDisabled();
  expect(JSON.parse(await saved(page, bench.get('export-json')))).toEqual(report);
  const markdown = await saved(page, bench.get('export-md'));
  expect(markdown).toContain(`| eff@1 | ${report.metrics['eff@1'].toFixed(4)} | ${report.intervals['eff@1'].map((end) => end.toFixed(4)).join(' to ')} |`);
  for (const [name, ends] of Object.entries(report.intervals)) {
    await expect(bench.get(`interval-${name}`)).toHaveText(ends.map((end) => end.toFixed(4)).join(' to '));
  }
  await bench.get('open-row').first().click();
  const [problem] = report.problems;
  await expect(bench.get('detail-samples').locator('tbody tr')).toHaveCount(1 + problem.samples.length);
  await expect(bench.get('detail-samples').locator('[data-verdict]').first()).toHaveText(/passed|wrong answer|out of fuel|error/, { useInnerText: true });
  const passed = samples.filter((sample) => sample.verdict === 'passed').length;
  await bench.get('results-filter').fill('passed');
  await expect(bench.get('row')).toHaveCount(passed);
  await expect(bench.get('results-found')).toHaveText(`${passed} of ${samples.length} samples`);
  await bench.get('results-filter').fill('no such problem');
  await expect(bench.get('row')).toHaveCount(0);
  for (const [text, says] of [['{', 'other.json'], ['{"schema":"frugal.evaluation/99"}', 'schema'], ['[1]', 'other.json']]) {
    const other = join(folder, 'other.json');
    writeFileSync(other, text);
    await bench.get('file-stored').setInputFiles(other);
    await expect(bench.get('bench-failed')).toContainText(says);
  }
  free();
});
