// What the programs that measure in V8 need built.
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's folder. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');
/** The measured Rust program. */
export const program = join(root, 'tests/bench/program.rs');

/** A folder for what one benchmark builds. */
export function folder(name) {
  const path = join(root, 'target/bench', name);
  mkdirSync(path, { recursive: true });
  return path;
}

/** Rewrites a module or a folder of modules; the flags are those of `weave.rs`. */
export function weave(input, output, ...flags) {
  const cargo = process.env.CARGO ?? 'cargo';
  const args = ['run', '--quiet', '--bin', 'weave', '--', input, output, ...flags];
  execFileSync(cargo, args, { cwd: root, stdio: 'inherit' });
}
