// What a race needs: packages, models, and our two builds.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const here = dirname(fileURLToPath(import.meta.url));
export const root = join(here, '../../..');
const target = process.env.CARGO_TARGET_DIR ?? join(root, 'target');
const folder = join(target, 'bench/peers');
export const modelsFolder = join(folder, 'models');
export const webFolder = join(folder, 'web');
export const python = join(folder, 'python/bin/python');
export const contender = join(target, 'release/contender');

function run(command, ...args) {
  execFileSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
}

/** Runs `make` unless `stamp` holds what `from` hold now. */
function unlessMade(stamp, from, make) {
  const path = join(folder, stamp);
  const now = from.map((file) => readFileSync(join(here, file), 'utf8')).join('\n');
  if (existsSync(path) && readFileSync(path, 'utf8') === now) return;
  make();
  writeFileSync(path, now);
}

function npm(where) {
  const installed = join(where, 'node_modules/.package-lock.json');
  const lock = statSync(join(where, 'package-lock.json'));
  if (existsSync(installed) && statSync(installed).mtimeMs >= lock.mtimeMs) return;
  // Prebuilt files come with the packages; no script of theirs runs, and no build for a graphics card is fetched.
  run('npm', 'ci', '--prefix', where, '--ignore-scripts', '--omit=optional', '--no-audit', '--no-fund');
}

/** Installs what is missing, writes the models, and builds what is asked for. */
export function prepare({ native, browser }) {
  mkdirSync(folder, { recursive: true });
  npm(here);
  unlessMade('python.txt', ['requirements.txt'], () => {
    run('python3', '-m', 'venv', '--clear', join(folder, 'python'));
    run(python, '-m', 'pip', 'install', '--quiet', '--requirement', join(here, 'requirements.txt'));
  });
  unlessMade('models.txt', ['models.py', 'requirements.txt'], () => run(python, join(here, 'models.py'), modelsFolder));
  const cargo = process.env.CARGO ?? 'cargo';
  const build = ['build', '--quiet', '--package', 'frugal-engine-bench', '--bin'];
  if (native) run(cargo, ...build, 'contender', '--release');
  if (browser) {
    npm(join(root, 'tests/browser'));
    const wasm = 'wasm32-unknown-unknown';
    // As the page is built.
    run(cargo, ...build, 'contender-web', '--profile', 'web', '--target', wasm);
    run('wasm-bindgen', join(target, wasm, 'web/contender-web.wasm'), '--target', 'web', '--no-typescript', '--out-dir',
      webFolder);
  }
}
