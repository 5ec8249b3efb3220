// What metering costs the Rust program in V8: node tests/bench/v8_rust.mjs
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

import { inBothEngines } from './v8/engines.mjs';
import { folder, program, weave } from './v8/build.mjs';

const out = folder('v8_rust');
const wasm = join(out, 'program.wasm');
execFileSync('rustc', ['--edition', '2024', '-O', '--crate-type', 'cdylib', '--target', 'wasm32-unknown-unknown',
  '-o', wasm, program], { stdio: 'inherit' });
weave(wasm, join(out, 'plain.wasm'), '--prepare', '--plain');
weave(wasm, join(out, 'metered.wasm'), '--prepare', '--nan', '--depth');
weave(wasm, join(out, 'no-nan.wasm'), '--prepare', '--depth');
weave(wasm, join(out, 'no-depth.wasm'), '--prepare', '--nan');
await inBothEngines('rust.mjs', out);
