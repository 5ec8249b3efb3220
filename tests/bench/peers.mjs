// Our engine beside onnxruntime and llama.cpp: peers/README.md.
import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { openTab } from './peers/browser.mjs';
import { startProcess } from './peers/native.mjs';
import { contender, here, modelsFolder, prepare, python } from './peers/prepare.mjs';
import { judged, markdown, median } from './peers/table.mjs';

const PROMPT = 64;
const TOKENS = 65;
const RACES = ['native', 'wasm', 'webgpu'];
const MODELS = ['m1', 'm15'];

const names = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const option = (name) => process.argv.find((argument) => argument.startsWith(`--${name}=`))?.split('=')[1];
const unknown = names.find((name) => ![...RACES, ...MODELS].includes(name));
if (unknown) {
  console.error(`error: no race and no model \`${unknown}\`: known are ${[...RACES, ...MODELS].join(', ')}`);
  process.exit(2);
}
const chosen = (all) => (all.some((name) => names.includes(name)) ? all.filter((name) => names.includes(name)) : all);
const races = chosen(RACES);
const models = chosen(MODELS);
const rounds = Number(option('rounds') ?? 5);
prepare({ native: races.includes('native'), browser: races.some((race) => race !== 'native') });

/** Contenders of one race over one model; each is loaded once and asked in turn. */
async function line(race, model, tab) {
  const sizes = [String(PROMPT), String(TOKENS)];
  const folder = join(modelsFolder, model);
  const common = { model, promptTokens: PROMPT, tokens: TOKENS };
  if (race === 'native') {
    const own = (storage) => startProcess(contender, [folder, storage, ...sizes]);
    const onnx = (storage) =>
      startProcess(python, [join(here, 'onnxruntime_cpu.py'), join(folder, `${storage}.onnx`), ...sizes]);
    const llama = (storage) =>
      startProcess(process.execPath, [join(here, 'llama_cpp.mjs'), join(folder, `${storage}.gguf`), ...sizes]);
    return [
      ['ours', 'f32', await own('f32')],
      ['ours', 'q8_0', await own('q8_0')],
      ['ours', 'q4_0', await own('q4_0')],
      ['onnxruntime', 'f32', await onnx('f32')],
      ['onnxruntime', 'q4_0', await onnx('q4')],
      ['llama.cpp', 'f32', await llama('f32')],
      ['llama.cpp', 'q4_0', await llama('q4')],
    ];
  }
  const gpu = race === 'webgpu';
  const own = (storage) => tab.contender({ ...common, engine: 'ours', storage, gpu });
  const onnx = (storage) => tab.contender({ ...common, engine: 'onnxruntime-web', storage, gpu });
  if (gpu) return [['ours', 'f32', await own('f32')], ['onnxruntime-web', 'f32', await onnx('f32')]];
  return [
    ['ours', 'f32', await own('f32')],
    ['ours', 'int8', await own('int8')],
    ['ours', 'int4', await own('int4')],
    ['ours', 'q4_0', await own('q4_0')],
    ['onnxruntime-web', 'f32', await onnx('f32')],
    ['onnxruntime-web', 'q4_0', await onnx('q4')],
  ];
}

async function measured(race, model, tab) {
  const contenders = await line(race, model, tab);
  const results = contenders.map(([engine, storage, { version }]) => ({ race, model, engine, storage, version, rounds: [] }));
  // A peer's WebGPU backend takes seconds for a few tokens on a software adapter.
  const tokens = race === 'webgpu' ? 6 : undefined;
  const turns = race === 'webgpu' ? 2 : rounds;
  for (const [, , contender] of contenders) if (race !== 'webgpu') await contender.round();
  for (let turn = 0; turn < turns; turn += 1) {
    for (const [at, [engine, , contender]] of contenders.entries()) {
      const result = results[at];
      if (engine === 'ours' && race !== 'webgpu') (result.streams ??= []).push(await contender.streaming());
      result.rounds.push(await contender.round(tokens));
    }
  }
  for (const [, , contender] of contenders) contender.close?.();
  return results.map(({ rounds, streams, ...result }) => ({
    ...result,
    ids: rounds[0].ids,
    rounds: rounds.length,
    prefill_tokens_per_s: (PROMPT * 1000) / median(rounds.map((round) => round.prefill_ms)),
    decode_tokens_per_s: 1000 / median(rounds.map((round) => median(round.token_ms))),
    streaming_gb_per_s: streams && median(streams.map((stream) => stream.gb_per_s)),
    weights_bytes: streams?.[0].bytes,
  }));
}

const load = [loadavg()[0]];
const tab = races.some((race) => race !== 'native') ? await openTab() : undefined;
const results = [];
for (const race of races) {
  // On a software adapter the larger model takes minutes.
  for (const model of race === 'webgpu' ? models.filter((name) => name === 'm1') : models) {
    results.push(...(await measured(race, model, tab)));
  }
}
await tab?.close();
load.push(loadavg()[0]);
const machine = {
  processor: `${cpus().length} x ${cpus()[0].model}`,
  node: process.version,
  browser: tab?.version,
  load_average: load,
  prompt_tokens: PROMPT,
  tokens: TOKENS,
};
const report = { machine, results, ratios: judged(results) };
console.log(markdown(report));
const out = option('json');
if (out) writeFileSync(out, `${JSON.stringify(report, null, 1)}\n`);
process.exit(0);
