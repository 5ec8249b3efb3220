// One contender in a worker of the tab: ours, or onnxruntime-web. A message asks for one thing, the answer bears its
// number.
const CONTEXT = 256;
const bytes = async (path) => {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return new Uint8Array(await answer.arrayBuffer());
};

async function ours({ model, storage, gpu, promptTokens, tokens }) {
  const { default: init, Engine } = await import('/ours/contender-web.js');
  await init({ module_or_path: '/ours/contender-web_bg.wasm' });
  const files = await Promise.all([bytes(`/models/${model}/config.json`), bytes(`/models/${model}/model.safetensors`)]);
  const engine = await Engine.load(...files, storage, promptTokens, gpu, () => performance.now());
  return {
    version: engine.describe(),
    round: async (count) => JSON.parse(await engine.round(promptTokens, count ?? tokens)),
    streaming: () => {
      const [gb_per_s, read] = engine.streaming();
      return { gb_per_s, bytes: read };
    },
  };
}

async function onnxruntime({ model, storage, gpu, promptTokens, tokens }) {
  // Its older WebGPU backend: the newer one gives wrong tokens on a software adapter.
  const ort = await import(gpu ? '/ort/ort.all.min.mjs' : '/ort/ort.wasm.min.mjs');
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmPaths = '/ort/';
  ort.env.logLevel = 'error';
  const config = JSON.parse(new TextDecoder().decode(await bytes(`/models/${model}/config.json`)));
  const { vocab_size: vocabulary, num_hidden_layers: layers, num_attention_heads: heads, hidden_size: hidden } = config;
  const caches = Array.from({ length: layers }, (_, layer) => [`key_${layer}`, `value_${layer}`]).flat();
  const options = { executionProviders: [gpu ? 'webgpu' : 'wasm'] };
  if (gpu) options.preferredOutputLocation = Object.fromEntries(caches.map((name) => [`present_${name}`, 'gpu-buffer']));
  const session = await ort.InferenceSession.create(await bytes(`/models/${model}/${storage}.onnx`), options);
  const prompt = Array.from({ length: promptTokens }, (_, i) => (i * 7919 + 13) % vocabulary);

  async function step(ids, total, past) {
    const feeds = {
      ids: new ort.Tensor('int64', BigInt64Array.from(ids, BigInt), [1, ids.length]),
      seqlens_k: new ort.Tensor('int32', [total - 1], [1]),
      total_length: new ort.Tensor('int32', [total], []),
    };
    for (const name of caches) feeds[`past_${name}`] = past[`present_${name}`];
    const out = await session.run(feeds);
    const logits = out.logits.data;
    let best = 0;
    for (let i = 1; i < logits.length; i += 1) if (logits[i] > logits[best]) best = i;
    for (const name of caches) past[`present_${name}`].dispose();
    return [best, out];
  }

  async function round(count = tokens) {
    const none = () => new ort.Tensor('float32', new Float32Array(0), [1, heads, 0, hidden / heads]);
    let past = Object.fromEntries(caches.map((name) => [`present_${name}`, none()]));
    const [ids, arrived] = [[], []];
    const start = performance.now();
    let given = prompt;
    for (let total = promptTokens; ids.length < count && total < CONTEXT; total += 1) {
      const [id, out] = await step(given, total, past);
      arrived.push(performance.now());
      ids.push(id);
      [given, past] = [[id], out];
    }
    for (const name of caches) past[`present_${name}`].dispose();
    return { prefill_ms: arrived[0] - start, token_ms: arrived.slice(1).map((ms, i) => ms - arrived[i]), ids };
  }
  return { version: ort.env.versions.web, round };
}

let contender;
self.onmessage = async ({ data: { number, ask, value } }) => {
  try {
    if (ask === 'load') {
      contender = await (value.engine === 'ours' ? ours : onnxruntime)(value);
      self.postMessage({ number, value: { name: value.engine, version: contender.version } });
    } else {
      self.postMessage({ number, value: await contender[ask](value) });
    }
  } catch (error) {
    self.postMessage({ number, error: String(error?.stack ?? error) });
  }
};
