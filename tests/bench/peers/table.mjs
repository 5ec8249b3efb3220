// Ratios of a race against its goals, and the tables that show them.

/** The upper of the middle two. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

/** How many first ids two contenders share, of all. */
function shared(a, b) {
  const count = Math.min(a.length, b.length);
  const differs = a.slice(0, count).findIndex((id, at) => id !== b[at]);
  return `${differs === -1 ? count : differs}/${count}`;
}

/** One line: what of ours over what of the others, beside its goal. */
function ratio(results, { race, model, what, storage, over, goal, of = 'decode_tokens_per_s', bandwidth = false }) {
  const own = results.find((row) => row.race === race && row.model === model && row.engine === 'ours' && row.storage === storage);
  const others = results.filter((row) => row.race === race && row.model === model && over(row));
  if (!own || others.length === 0) return undefined;
  const best = others.reduce((a, b) => (b[of] > a[of] ? b : a));
  const value = own[of] / best[of];
  const line = { race, model, what, against: `${best.engine} ${best.storage}`, ratio: value, goal, met: value >= goal };
  if (own.storage === best.storage) line.same_tokens = shared(own.ids, best.ids);
  if (bandwidth && own.streaming_gb_per_s) {
    line.share_of_bandwidth = (own[of] * own.weights_bytes) / 1e9 / own.streaming_gb_per_s;
    line.met ||= line.share_of_bandwidth >= 0.85;
  }
  return line;
}

const peer = (storage) => (row) => row.engine !== 'ours' && row.storage === storage;
const own = (storage) => (row) => row.engine === 'ours' && row.storage === storage;

/** Every goal of which both sides were measured. */
export function judged(results) {
  const prefill = { of: 'prefill_tokens_per_s', what: 'prefill' };
  const goals = [
    { race: 'wasm', model: 'm1', what: 'decode', storage: 'f32', over: peer('f32'), goal: 1.5 },
    { race: 'wasm', model: 'm15', what: 'decode', storage: 'f32', over: peer('f32'), goal: 1.2, bandwidth: true },
    ...['m1', 'm15'].flatMap((model) => [
      { race: 'wasm', model, ...prefill, storage: 'f32', over: peer('f32'), goal: 1.2 },
      ...['int8', 'int4', 'q4_0'].flatMap((storage) => [
        { race: 'wasm', model, what: `decode ${storage}`, storage, over: peer('q4_0'), goal: 10 },
        { race: 'wasm', model, what: `decode ${storage}`, storage, over: own('f32'), goal: 1 },
      ]),
      ...['f32', 'q4_0'].flatMap((storage) => [
        { race: 'native', model, what: `decode ${storage}`, storage, over: peer(storage), goal: 1, bandwidth: storage === 'f32' },
        { race: 'native', model, ...prefill, what: `prefill ${storage}`, storage, over: peer(storage), goal: 1 },
      ]),
    ]),
    { race: 'webgpu', model: 'm1', what: 'decode', storage: 'f32', over: peer('f32'), goal: 20 },
  ];
  return goals.map((goal) => ratio(results, goal)).filter((line) => line !== undefined);
}

const number = (value, digits = 1) => (value === undefined ? '' : value.toFixed(value >= 1000 ? 0 : digits));
const table = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** Machine, results and ratios as Markdown. */
export function markdown({ machine, results, ratios }) {
  const { processor, node, browser, load_average: load, prompt_tokens: prompt, tokens } = machine;
  const about = [processor, `Node ${node}`, browser, `load average ${load.map((value) => value.toFixed(2)).join(' to ')}`];
  const versions = [...new Set(results.map(({ engine, version }) => `${engine}: ${version}`))];
  const measured = results.map((row) => [
    row.race, row.model, row.engine, row.storage, number(row.decode_tokens_per_s), number(row.prefill_tokens_per_s),
    number(row.streaming_gb_per_s), row.rounds,
  ]);
  const judgement = ratios.map((row) => [
    row.race, row.model, row.what, row.against, number(row.ratio, 2),
    row.share_of_bandwidth === undefined ? '' : `${(row.share_of_bandwidth * 100).toFixed(0)} %`,
    row.goal, row.met ? 'met' : 'missed', row.same_tokens ?? '',
  ]);
  return [
    `${about.filter(Boolean).join(', ')}; ${prompt} prompt tokens, ${tokens} generated, medians`,
    ...versions,
    '',
    table(['race', 'model', 'engine', 'weights', 'decode tokens/s', 'prefill tokens/s', 'streaming GB/s', 'rounds'], measured),
    '',
    table(['race', 'model', 'what', 'over', 'ratio', 'of bandwidth', 'goal', '', 'same tokens'], judgement),
  ].join('\n');
}
