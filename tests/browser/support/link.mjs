// Share links, written here independently of the page: raw deflate of JSON, in URL-safe base64.
import { deflateRawSync, inflateRawSync } from 'node:zlib';

/** The limits that a page starts with. */
export const defaults = {
  fuel: '10000000000',
  setup_fuel: '10000000000',
  memory_bytes: 512 << 20,
  output_bytes: 16 << 20,
  call_depth: 10000,
  wall_ms: 60000,
};

/** A fragment of any text, well formed or not. */
export const pack = (text) => deflateRawSync(Buffer.from(text), { level: 9 }).toString('base64url');

/** The text in a fragment. */
export const unpack = (fragment) => inflateRawSync(Buffer.from(fragment, 'base64url')).toString();

/** The JSON of a link: language, source, `entry` with `args` or `stdin`, limits. */
export function state({ language, source, second, entry, args = '[]', stdin = '', limits = {} }) {
  const input = entry === undefined ? { stdin: { text: stdin } } : { call: { entry, arguments_json: args } };
  const second_source = second === undefined ? {} : { second_source: second };
  return { v: 1, language, source, ...second_source, input, ...defaults, ...limits };
}

/** The fragment of a program. */
export const fragment = (program) => pack(JSON.stringify(state(program)));
