// What metering costs the Python guest in V8: node tests/bench/v8_python.mjs
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';

import { inBothEngines } from './v8/engines.mjs';
import { folder, root, weave } from './v8/build.mjs';

const tools = join(root, 'sandbox/guests/npm');
if (!existsSync(join(tools, 'node_modules'))) {
  execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: tools, stdio: 'inherit' });
}
const guests = join(root, 'public/guests');
const { guests: list } = JSON.parse(readFileSync(join(guests, 'manifest.json'), 'utf8'));
const { file } = list.find((guest) => guest.language === 'python');
const out = folder('v8_python');
const component = join(out, 'guest.wasm');
writeFileSync(component, brotliDecompressSync(readFileSync(join(guests, file))));
const plain = join(out, 'plain');
execFileSync('node', [join(tools, 'split.mjs'), component, plain], { stdio: 'inherit' });
// Node takes only this ending for a module.
renameSync(join(plain, 'g.js'), join(plain, 'g.mjs'));
writeFileSync(join(out, 'modules.json'), JSON.stringify(readdirSync(plain).filter((name) => name.endsWith('.wasm'))));
weave(plain, join(out, 'metered'), '--shared', '--calls', '--nan');
weave(plain, join(out, 'no-nan'), '--shared', '--calls');
await inBothEngines('python.mjs', out);
