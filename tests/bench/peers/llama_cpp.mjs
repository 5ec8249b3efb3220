// llama.cpp on one thread, by its Node binding: `llama_cpp.mjs MODEL.gguf PROMPT_TOKENS TOKENS`; a line in, a round's
// JSON out.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { getLlama } from 'node-llama-cpp';

const CONTEXT = 256;
const [path, promptTokens, tokens] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const llama = await getLlama({ gpu: false, build: 'never', maxThreads: 1, progressLogs: false, logLevel: 'error' });
const model = await llama.loadModel({ modelPath: path, gpuLayers: 0 });
const vocabulary = model.fileInfo.metadata.llama.vocab_size;
const prompt = Array.from({ length: promptTokens }, (_, i) => (i * 7919 + 13) % vocabulary);
// Keys and values as f32, as the others keep them.
const context = await model.createContext({
  contextSize: CONTEXT, batchSize: promptTokens, threads: 1, sequences: 1, flashAttention: false,
  experimentalKvCacheKeyType: 'F32', experimentalKvCacheValueType: 'F32',
});
const sequence = context.getSequence();

async function round() {
  await sequence.clearHistory();
  const [ids, arrived] = [[], []];
  const start = performance.now();
  for await (const id of sequence.evaluate(prompt, { temperature: 0, yieldEogToken: true })) {
    arrived.push(performance.now());
    ids.push(id);
    if (ids.length === tokens) break;
  }
  return { prefill_ms: arrived[0] - start, token_ms: arrived.slice(1).map((ms, i) => ms - arrived[i]), ids };
}

const { version } = JSON.parse(readFileSync(new URL('node_modules/node-llama-cpp/package.json', import.meta.url)));
const release = llama.llamaCppRelease.release;
console.log(JSON.stringify({ name: 'llama.cpp', version: `${release} (node-llama-cpp ${version})` }));
for await (const _ of createInterface({ input: process.stdin })) console.log(JSON.stringify(await round()));
process.exit(0);
