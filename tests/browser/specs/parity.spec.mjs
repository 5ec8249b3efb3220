// Tab = command line = server: the same report from all three, for programs that the Rust tests judge too.
//
// Equal means every field of the report, but for what names the place: engine, meter, wall time. For a run that did
// not finish, fuel is a lower bound and where it stood may differ; its output then is what came until then.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { frugal, measure, measureOnServer, startServer, temporaryFolder } from '../support/command.mjs';
import { corpus } from '../support/corpus.mjs';
import { root } from '../support/host.mjs';
import { expect, test } from '../support/test.mjs';

/** Small enough that a loop without end ends soon; the server takes no more time than this. */
const limits = { fuel: '1000000000', wall_ms: 60_000 };

let server;
test.beforeAll(async () => {
  server = await startServer('--fuel-max', String(2n ** 63n - 2n));
});
test.afterAll(() => server.stop());

/** Programs that end when a stack does: which of the two stacks ends first, the interpreter's or the engine's, may differ. */
const endsWithAStack = new Set(['21_recursion_limit_lifted.py']);
/** Finishes where the stack is large. A tab's is not, and no page can enlarge it: then it says so and judges nothing. */
const needsALargeStack = new Set(['21_depth_1000_with_150_locals.wat']);
const tabStackEnded = /ended at \d+ nested calls, too few to call the job out of depth; run it on the command line/;
/** What stands before the engine's own sentence. */
const notInstantiated = 'the module cannot be instantiated';

/** What must be equal. */
function facts(report, name) {
  if (report.failed) return { refused: true };
  if (endsWithAStack.has(name)) {
    return { stack: report.outcome === 'out_of_depth' || report.error?.type === 'RecursionError' };
  }
  const { wall_ms, provenance, ...facts } = structuredClone(report);
  const { engine, meter, ...origin } = provenance;
  if (report.outcome !== 'finished') {
    // Lower bounds: how far an engine came before it stopped.
    for (const name of ['net_fuel', 'raw_fuel', 'baseline_fuel', 'stdout', 'stderr']) delete facts[name];
  }
  if (facts.rejection?.startsWith(notInstantiated)) facts.rejection = notInstantiated;
  return { ...facts, origin };
}

/** Measures every program on all doors and lists the differences. */
async function compare(code, programs) {
  const differences = [];
  const counted = {};
  for (const { name, program } of programs) {
    const [native, served] = await Promise.all([measure(program), measureOnServer(server.origin, program)]);
    const tab = await code.measure(program);
    const stackEnded = needsALargeStack.has(name) && tabStackEnded.test(tab.failed);
    const [want, ...seen] = [native, served, stackEnded ? native : tab].map((report) => facts(report, name));
    counted[native.outcome ?? 'refused'] = (counted[native.outcome ?? 'refused'] ?? 0) + 1;
    for (const [door, facts] of [['server', seen[0]], ['tab', seen[1]]]) {
      for (const field of new Set([...Object.keys(want), ...Object.keys(facts)])) {
        const [left, right] = [want[field], facts[field]].map((value) => JSON.stringify(value));
        if (left !== right) differences.push(`${name}: ${door}: ${field} is ${right}, on the command line ${left}`);
      }
    }
  }
  console.log(`${programs.length} programs on three doors: ${JSON.stringify(counted)}`);
  expect(differences).toEqual([]);
  return counted;
}

test('Python programs', async ({ code }) => {
  test.setTimeout(300_000);
  const programs = corpus('vectors/guests/python', limits);
  expect(programs.length).toBeGreaterThanOrEqual(40);
  expect(await compare(code, programs)).toEqual({ finished: programs.length });
});

test('hostile Python programs', async ({ code }) => {
  test.setTimeout(300_000);
  const programs = corpus('adversary', limits).filter(({ program }) => program.language === 'python');
  expect(programs.length).toBeGreaterThanOrEqual(20);
  await compare(code, programs);
});

test('JavaScript programs', async ({ code }) => {
  test.setTimeout(300_000);
  const programs = corpus('vectors/guests/javascript', limits);
  expect(programs.length).toBeGreaterThanOrEqual(20);
  expect(await compare(code, programs)).toEqual({ finished: programs.length });
});

test('WebAssembly modules', async ({ code }) => {
  test.setTimeout(300_000);
  const programs = corpus('adversary', limits).filter(({ program }) => program.language === 'wat');
  expect(programs.length).toBeGreaterThanOrEqual(30);
  await compare(code, programs);
});

test('a module that rustc optimised', async ({ code }) => {
  const { folder, free } = temporaryFolder();
  const file = join(folder, 'metering.wasm');
  const options = ['--edition', '2024', '-O', '-C', 'strip=debuginfo', '--crate-type', 'cdylib'];
  const source = join(root, 'tests/bench/program.rs');
  execFileSync('rustc', [...options, '--target', 'wasm32-unknown-unknown', '-o', file, source], { cwd: root });
  await code.get('open-file').setInputFiles(file);
  await expect(code.get('language')).toHaveValue('wat');
  const module = readFileSync(file).toString('base64');
  for (const [entry, n] of [['sort', 20_000], ['hash', 50_000], ['format', 5_000], ['floats', 50_000], ['fib', 20]]) {
    await code.get('entry').fill(entry);
    await code.get('arguments').fill(`[${n}]`);
    await code.run();
    expect(await code.ended()).toBe('finished');
    const tab = await code.report();
    const native = JSON.parse((await frugal('run', file, '--entry', entry, '--args', `[${n}]`, '--json')).stdout);
    const response = await fetch(`${server.origin}/api/run`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ language: 'wasm', module, entry, arguments: [n] }),
    });
    const served = await response.json();
    expect(BigInt(native.net_fuel)).toBeGreaterThan(100_000n);
    // The page holds the module as text, byte for byte: the key of the run is the same, its source's digest is not.
    const figures = ({ outcome, net_fuel, raw_fuel, baseline_fuel, value, provenance }) =>
      ({ outcome, net_fuel, raw_fuel, baseline_fuel, value, key: provenance.key });
    expect(figures(tab)).toEqual(figures(native));
    expect(figures(served)).toEqual(figures(native));
  }
  free();
});
